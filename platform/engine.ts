import { createInterface, type Interface } from 'node:readline'
import pg from 'pg'
import { PipiError } from '../catalog/errors.ts'
import { loadEngine } from '../engines/scan.ts'
import type { LivingClone } from '../factory/contract/stem-cell.ts'
import { live } from '../factory/stem-cell/live.ts'
import { type BirthMessage, birthMessageSchema, type CloneLine, orderSchema } from './engine/birth-message.ts'
import { openUpstreams } from './engine/upstreams.ts'
import type { LogLevel } from './log.ts'
import { queueConnection } from './queue/connection.ts'
import { openJobSource } from './queue/consume.ts'
import { quiet } from './queue/quiet.ts'
import { atRegions } from './start/machines.ts'
import { openEngineTruth } from './store/engine-truth.ts'
import { stateUrl } from './store/state-url.ts'

/** How long what runs may take to end when our parent is gone, milliseconds. Then the lease's end does the rest. */
const ORPHAN_MS = 12_000

/** For what has to be closed at the end, milliseconds. */
const LAST_MS = 3_000

/**
 * The process of one clone: takes its birth message from standard input, lives, and ends when it is told to, when it
 * has drained, or when the platform that bore it is gone.
 * @returns the exit code
 */
export async function runEngine(code: string): Promise<number> {
  if (process.stdin.isTTY) {
    throw new PipiError('input.invalid', 'a clone is told by its platform who it is, on standard input', {
      hint: 'the platform breeds clones by itself: ./pipi serve, then ./pipi stock',
    })
  }
  const lines = createInterface({ input: process.stdin })
  const told = listen(lines)
  const first = await told.next()
  if (first === undefined) return 0
  const birth = birthMessageSchema.parse(JSON.parse(first))
  if (birth.engine !== code)
    throw new PipiError('input.invalid', `the birth message is for ${birth.engine}, this is ${code}`)

  const closers: (() => Promise<void>)[] = []
  try {
    const clone = await bear(birth, closers)
    say({ ready: true })
    await obey(clone, told)
    return 0
  } finally {
    lines.close()
    // Its other end stays open as long as the platform lives: it must not keep us.
    process.stdin.destroy()
    // Should anything still keep this process then, it ends all the same.
    setTimeout(() => process.exit(), LAST_MS).unref()
    for (const close of closers.reverse())
      await close().catch((error: unknown) => log('warn', `could not close: ${String(error)}`))
  }
}

async function bear(birth: BirthMessage, closers: (() => Promise<void>)[]): Promise<LivingClone> {
  const { companions } = birth
  const loaded = await loadEngine(birth.engine, birth.enginesFolder, birth.catalogFolder)
  const listed = loaded.hosts !== undefined && companions !== undefined
  const engine = listed ? atRegions(loaded, Object.keys(companions)) : loaded
  const truth = openEngineTruth({ url: birth.databaseUrl, clone: birth.clone, key: Buffer.from(birth.key, 'hex') })
  closers.push(() => truth.close())
  const pool = new pg.Pool({
    connectionString: birth.databaseUrl,
    max: 2,
    application_name: `pipi-state ${birth.clone}`,
  })
  pool.on('error', () => undefined)
  closers.push(() => pool.end())
  const upstreams = await openUpstreams(birth, engine, log)
  closers.push(() => upstreams.close())
  const complain = quiet((message, leftOut) => log('warn', `the queue: ${message}`, { leftOut }))
  return live({
    clone: birth.clone,
    host: birth.host,
    engine,
    truth,
    jobs: openJobSource(queueConnection(birth.databaseUrl, birth.redisUrl), birth.engine, birth.clone, complain),
    capacity: birth.capacity,
    folder: birth.folder,
    artifacts: birth.artifacts,
    pulumi: birth.pulumi,
    stateUrl: (token) => stateUrl(birth.databaseUrl, birth.stateTable, token),
    statePool: pool,
    stateTable: birth.stateTable,
    upstreams: upstreams.addresses,
    ...(upstreams.upstreamsFor === undefined ? {} : { upstreamsFor: upstreams.upstreamsFor }),
    platformApi: birth.platformApi,
    companion: Object.values(companions ?? {})[0],
    ...(companions === undefined ? {} : { companions }),
    network: birth.network,
    builds: birth.builds,
    ...(birth.deadlineCapMs === undefined ? {} : { deadlineCapMs: birth.deadlineCapMs }),
    log,
  })
}

/** Ends when the clone has. */
async function obey(clone: LivingClone, told: ReturnType<typeof listen>): Promise<void> {
  const stop = () => void clone.stop()
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  let ended = false
  let orphaned: NodeJS.Timeout | undefined
  void (async () => {
    for (let line = await told.next(); line !== undefined; line = await told.next()) {
      const read = orderSchema.safeParse(JSON.parse(line))
      if (!read.success) log('warn', 'an order that is not known was ignored')
      else if (read.data.order === 'drain') void clone.drain()
      else stop()
    }
    if (ended) return
    // The lifeline is cut: the platform is gone, and with it who would end us.
    orphaned = setTimeout(() => process.exit(1), ORPHAN_MS)
    stop()
  })()
  await clone.ended
  ended = true
  clearTimeout(orphaned)
}

/** Lines in their order; undefined when there will be no more. */
function listen(lines: Interface): { next(): Promise<string | undefined> } {
  const iterator = lines[Symbol.asyncIterator]()
  return {
    async next() {
      const { value, done } = await iterator.next()
      return done === true ? undefined : value
    },
  }
}

function log(level: LogLevel, message: string, data?: Record<string, unknown>): void {
  say({ level, message, ...(data === undefined ? {} : { data }) })
}

function say(line: CloneLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
