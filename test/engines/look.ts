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

/**
 * What the survey of a workspace's resources says of them, beside what its own inputs say: each metered one has to be
 * found under its id, with the same demand.
 */
export async function bothDemands(
  cloud: UsedCloud,
  ours: readonly { type: string; id: string; inputs: Record<string, unknown> }[],
): Promise<{ id: string; found: unknown; own: unknown }[]> {
  const context = await watching(cloud)
  const found = (await cloud.engine.watch.survey?.(context)) ?? []
  const place = {
    plan: context.account.plan,
    region: context.regions[0] ?? '',
    expect: { requests: 1000, egressMb: 5 },
  }
  return ours.flatMap(({ type, id, inputs }) => {
    const rule = cloud.engine.rules[type]
    const own = rule?.demand(rule.safe?.(inputs) ?? inputs, place)
    if (own?.ok && own.demand.amounts.length === 0) return []
    const seen = found.find((one) => one.type === type && one.id === id)
    return [{ id, own, found: seen === undefined ? 'not found' : rule?.demand(seen.inputs, place) }]
  })
}
