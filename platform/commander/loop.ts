import { PipiError } from '../../catalog/errors.ts'
import { jsonOf } from '../json-of.ts'
import type { Log } from '../log.ts'
import type { Publisher } from '../queue/publish.ts'
import { assign as assignInTruth, sayWaiting } from '../store/assign.ts'
import { JOURNAL_CHANNEL, listen, newsSchema } from '../store/listen.ts'
import { nextToAssign } from '../store/next-to-assign.ts'
import type { Database } from '../store/open.ts'
import { assign } from './assign.ts'
import { capacities } from './capacities.ts'
import { reconcile } from './reconcile.ts'
import { repeat } from './repeat.ts'
import { endUnsealed, type Seal, sealOne } from './seal.ts'

export interface CommanderOptions {
  db: Database
  publisher: Publisher
  log: Log
  /** What a deployment takes along to its engine: secrets, and what it is let in with; without it nothing. */
  seal?: Seal
  /** What is done besides; true when there may be something new to assign. */
  keepHouse?: () => Promise<boolean>
  /** How often to look when nothing wakes us; half as often for what is broken, milliseconds. */
  everyMs?: number
}

export interface Commander {
  /** Something has been accepted, has ended, or a clone is ready: assign now. */
  wake(): void
  stop(): Promise<void>
}

/** While deployments wait for a clone to be born, its first heartbeat is looked for this often, milliseconds. */
const EAGER_MS = 200

/** Steps 2 and what keeps the promise: assigns what waits, takes over what was left. Any number may run side by side. */
export async function runCommander(options: CommanderOptions): Promise<Commander> {
  const { db, publisher, log, keepHouse, seal = async () => ({}), everyMs = 2_000 } = options
  let stopped = false
  let running: Promise<void> | undefined
  let again = false
  let timer: NodeJS.Timeout | undefined

  const wake = (): void => {
    again = true
    if (stopped || running) return
    clearTimeout(timer)
    running = round().finally(() => {
      running = undefined
      if (again) wake()
    })
  }

  async function round(): Promise<void> {
    let unborn = false
    do {
      again = false
      try {
        unborn = await assignOnce(db, publisher, log, seal)
      } catch (error) {
        log('warn', `could not assign: ${PipiError.from(error).message}`)
      }
    } while (again && !stopped)
    if (!stopped) timer = setTimeout(wake, unborn ? EAGER_MS : everyMs)
  }

  const listener = await listen(db, JOURNAL_CHANNEL, (payload) => {
    if (isRelevant(payload)) wake()
  })
  const repair = repeat(everyMs, log, 'keep things right', async () => {
    if (await reconcile(db, publisher, log)) wake()
  })
  // Apart, so that who takes over what was left never waits for it.
  const house = repeat(everyMs, log, 'keep house', async () => {
    if (await keepHouse?.()) wake()
  })
  wake()

  return {
    wake,
    async stop() {
      stopped = true
      clearTimeout(timer)
      await listener.close()
      await Promise.all([repair.stop(), house.stop()])
      await running
    },
  }
}

/** One round of assigning. True when something waits for an engine that has no living clone. */
async function assignOnce(db: Database, publisher: Publisher, log: Log, seal: Seal): Promise<boolean> {
  const candidates = await nextToAssign(db)
  if (candidates.length === 0) return false
  const { free, running } = await capacities(db)
  const now = Date.now()
  const chosen = new Set(
    assign({
      waiting: candidates.map(({ id, account, engine, acceptedAt, urgent }) => ({
        id,
        account,
        engine,
        urgent,
        waitedMs: now - acceptedAt.getTime(),
      })),
      free,
      running,
    }),
  )
  let unborn = false
  for (const candidate of candidates) {
    if (!chosen.has(candidate.id)) {
      const alive = free.has(candidate.engine)
      unborn ||= !alive
      await sayWaiting(
        db,
        candidate.id,
        alive ? `a free clone of ${candidate.engine}` : `a clone of ${candidate.engine} to be born`,
      )
      continue
    }
    const sealed = await sealOne(seal, candidate, log)
    if ('refusal' in sealed) {
      await endUnsealed(db, candidate, sealed.refusal)
      continue
    }
    if ('wait' in sealed) {
      await sayWaiting(db, candidate.id, sealed.wait)
      continue
    }
    if (!(await assignInTruth(db, candidate.id, sealed))) continue
    try {
      await publisher.add(candidate.engine, candidate.id, candidate.attempt)
    } catch (error) {
      // It is assigned in the truth: the reconciler finds that no job carries it, and adds one.
      log('warn', `could not queue ${candidate.id}: ${PipiError.from(error).message}`)
    }
  }
  return unborn
}

/** Only what may give work or room; a story's lines and waiting notes do neither. */
function isRelevant(payload: string | undefined): boolean {
  if (payload === undefined) return true
  const news = newsSchema.safeParse(jsonOf(payload))
  if (!news.success) return true
  return (
    news.data.kind === 'journal' &&
    news.data.event !== 'deployment.waiting' &&
    news.data.event !== 'deployment.assigned'
  )
}
