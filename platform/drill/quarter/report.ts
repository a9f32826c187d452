import type { Audit } from '../parts/audit.ts'
import { type DrillOptions, type DrillResult, spreadOf } from '../parts/result.ts'
import type { RealQuarter } from '../real/real-quarter.ts'
import type { Counts } from './counts.ts'
import type { LightQuarter } from './light-quarter.ts'
import type { MeterPacking } from './packing.ts'

/** Of what is the best possible, at every platform. */
const GOOD_ENOUGH = 0.9
const SHOWN = 20

export interface Found {
  name: string
  light: LightQuarter
  real: RealQuarter
  audits: readonly Audit[]
  /** Processes that outlived the drill. */
  left: readonly string[]
  options: DrillOptions
}

/** What a quarter comes to. */
export function reportOf({ name, light, real, audits, left, options }: Found): DrillResult {
  const { seed, days } = options
  const all = (key: keyof Audit) => audits.flatMap((one) => one[key])
  const lost = [...all('lost'), ...real.lost]
  const [doubled, orphans, leaked] = [all('doubled'), all('orphans'), [...all('leaked'), ...left]]
  const platforms = platformsOf(light)
  const counts = light.estates.map((one) => one.counts)
  const sum = (of: (one: Counts) => number) => counts.reduce((total, one) => total + of(one), 0)
  const failures = [...counts.flatMap((one) => one.failures), ...real.failures]
  const best = platforms.reduce((total, one) => total + one.best, 0)
  const utilisation = best === 0 ? 1 : platforms.reduce((total, one) => total + one.ratio * one.best, 0) / best
  const bill = Math.max(light.witness.most, real.witness.most)
  const passed =
    bill === 0 &&
    utilisation >= GOOD_ENOUGH &&
    platforms.every((one) => one.ratio >= GOOD_ENOUGH) &&
    lost.length + doubled.length + orphans.length + leaked.length + sum((one) => one.failures.length) === 0
  return {
    name,
    seed,
    days,
    injected: real.killed + light.visitors.greedyWorkspaces.size,
    lost: lost.length,
    doubled: doubled.length,
    orphans: orphans.length,
    leaked: leaked.length,
    bill,
    utilisation: three(utilisation),
    recovery: spreadOf(real.recoveries),
    passed,
    lives: {
      asked: sum((one) => one.asked),
      lived: sum((one) => one.lived),
      changed: sum((one) => one.changed),
      destroyed: sum((one) => one.destroyed),
      expired: sum((one) => one.expired),
      suspended: sum((one) => one.suspended),
      resumed: sum((one) => one.resumed),
      deployments: sum((one) => one.deployments),
    },
    real: { ended: Object.fromEntries(real.ended), killed: real.killed },
    looks: light.witness.looks + real.witness.looks,
    charges: [...light.witness.charges, ...real.witness.charges].slice(0, SHOWN),
    refusals: refusalsOf([...counts.map((one) => one.refusals), real.refusals]),
    platforms: platforms.map(({ engine, meter, ratio, utilisation: used, worst }) => ({
      engine,
      meter,
      ratio: three(ratio),
      utilisation: three(used),
      worst: three(worst),
    })),
    meters: metersOf(light),
    visitors: {
      requests: light.visitors.requests,
      greedy: light.visitors.greedyWorkspaces.size,
      greedyRequests: light.visitors.greedyRequests,
    },
    found: {
      lost: lost.slice(0, SHOWN),
      doubled: doubled.slice(0, SHOWN),
      orphans: orphans.slice(0, SHOWN),
      leaked: leaked.slice(0, SHOWN),
      failures: failures.slice(0, SHOWN),
    },
  }
}

interface PlatformPacking {
  engine: string
  /** The one that was fought for most. */
  meter: string
  /** Sum of granted shares by sum of best ones. */
  ratio: number
  /** Weight: best shares × hours. */
  best: number
  utilisation: number
  /** The lowest ratio of one of its cloud accounts. */
  worst: number
}

/** Each platform by the meter that was fought for most at its cloud accounts, in shares of the limit. */
function platformsOf({ packings, estates }: LightQuarter): PlatformPacking[] {
  const byEngine = Map.groupBy(
    packings.map((packing, at) => ({ engine: estates[at]?.engine ?? '', tight: packing.result()[0] })),
    (one) => one.engine,
  )
  return [...byEngine].map(([engine, list]) => {
    const tight = list.flatMap((one) => (one.tight === undefined ? [] : [one.tight]))
    const share = (of: (one: MeterPacking) => number) =>
      tight.reduce((total, one) => total + of(one) / (one.limit || 1), 0)
    const best = share((one) => one.best)
    return {
      engine,
      meter: tight[0]?.meter ?? '',
      best,
      ratio: best === 0 ? 1 : share((one) => one.granted) / best,
      utilisation: tight.reduce((total, one) => total + one.utilisation, 0) / Math.max(1, tight.length),
      worst: Math.min(1, ...tight.map((one) => one.ratio)),
    }
  })
}

/** The mean over all cloud accounts and hours, of the limit. */
function metersOf({ packings }: LightQuarter): Record<string, number> {
  const byMeter = Map.groupBy(
    packings.flatMap((one) => one.result()),
    (one) => one.meter.split(' ')[0] ?? '',
  )
  return Object.fromEntries(
    [...byMeter].map(([meter, list]) => [
      meter,
      three(list.reduce((sum, one) => sum + one.utilisation, 0) / list.length),
    ]),
  )
}

function refusalsOf(counts: ReadonlyMap<string, number>[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const one of counts) for (const [reason, count] of one) sums[reason] = (sums[reason] ?? 0) + count
  return sums
}

function three(ratio: number): number {
  return Math.floor(ratio * 1000) / 1000
}
