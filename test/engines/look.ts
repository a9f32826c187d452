import { onTestFinished } from 'vitest'
import type { WatchContext } from '../../engines/contract/watch.ts'
import { openWatchContext } from '../../factory/stem-cell/watch/context.ts'
import type { UsedCloud } from './use-cloud.ts'

/** What a clone of this engine looks at its simulated platform with; `now` is the sandbox's. */
export async function watching(
  cloud: UsedCloud,
  given: { credentials?: Record<string, string> } = {},
): Promise<WatchContext> {
  const { engine, sandbox } = cloud
  const { now } = await sandbox.admin<{ now: string }>('GET', '/clock')
  const own = Object.fromEntries(engine.dna.credentials.map((one) => [one.config, one.sandbox]))
  const context = await openWatchContext({
    birth: {
      engine,
      credentials: { ...own, ...given.credentials },
      platformApi: `${sandbox.ready.api}/api/${engine.dna.code}`,
    },
    upstreams: sandbox.ready.providers,
    cloudAccount: {
      id: engine.dna.sandbox?.cloudAccount ?? '',
      engine: engine.dna.code,
      plan: engine.dna.sandbox?.plan ?? '',
      consentWatched: true,
    },
    now: Date.parse(now),
    signal: AbortSignal.timeout(60_000),
  })
  onTestFinished(() => context.close())
  return context
}

/** Makes something behind everybody's back, as by hand; gives it as the inventory shows it. */
export function plant(
  { sandbox, engine }: UsedCloud,
  type: string,
  set: Record<string, unknown> = {},
  more: { region?: string; owner?: string } = {},
): Promise<{ id: string; outputs: Record<string, unknown> }> {
  return sandbox.admin('POST', '/stray', { engine: engine.dna.code, type, set, ...more })
}

/** A reading of one meter. */
export function readingOf<T extends { meter: string }>(readings: T[], meter: string): T | undefined {
  return readings.find((one) => one.meter === meter)
}
