import { PipiError } from '../../catalog/errors.ts'
import { metersOf } from '../../catalog/meters.ts'
import { watchHealth } from '../commander/watch-health.ts'
import type { Log } from '../log.ts'
import type { HealthDefaults } from '../store/health.ts'
import type { Database } from '../store/open.ts'
import type { RunnableEngine } from './clones.ts'
import type { Closing } from './closing.ts'

/** How often somebody looks what is due, milliseconds. */
const ROUND_MS = 1_000

/** Starts looking at what runs, apart from all other chores: a look may take seconds. */
export function startHealth(
  { db, log, defaults }: { db: Database; log: Log; defaults: HealthDefaults },
  closing: Closing,
): void {
  const over = new AbortController()
  let busy: Promise<void> | undefined
  const ticker = setInterval(() => {
    busy ??= watchHealth(db, log, defaults, over.signal)
      .catch((error: unknown) => log('warn', `could not look at what runs: ${PipiError.from(error).message}`))
      .finally(() => {
        busy = undefined
      })
  }, ROUND_MS)
  closing.add('health', async () => {
    clearInterval(ticker)
    over.abort()
    await busy
  })
}

/**
 * Where use is metered by the month or the day a look is use like any other: there nobody looks unless the manifest says
 * so, which counts it (`expect`).
 */
export function healthDefaults(engines: ReadonlyMap<string, RunnableEngine>, everyMs: number): HealthDefaults {
  return Object.fromEntries(
    [...engines].flatMap(([code, { engine, account }]) => {
      const plan = account?.plan ?? engine.facts.plans[0]?.id ?? ''
      const metered = metersOf(engine.facts, plan).some(({ period }) => period === 'month' || period === 'day')
      return metered ? [] : [[code, everyMs]]
    }),
  )
}
