import type { ComponentKind } from '../../../engines/contract/manifest.ts'
import type { Log } from '../../log.ts'
import { assign } from '../../store/assign.ts'
import { ledgerNow } from '../../store/ledger-clock.ts'
import { nextToAssign } from '../../store/next-to-assign.ts'
import { openWatches } from '../../store/watches.ts'
import type { LightWorld } from '../light/light-world.ts'
import { demandOf, limitsOf, manifestOf } from './asked.ts'
import { Estate } from './estate.ts'
import { type Ground, livesOf, SIZES, type Size } from './lives.ts'
import { Packing } from './packing.ts'
import { Watchtower } from './watchtower.ts'
import { Witness } from './witness.ts'

const HOUR_MS = 3_600_000
/** With somebody greedy about, as often as a platform's own clones look. */
const CLOSE_LOOK_MS = 300_000

export interface LightQuarterOptions {
  world: LightWorld
  seed: string
  lives: number
  hours: number
  log: Log
  /** Told after each simulated day. */
  progress(line: string): void
  signal: AbortSignal
}

export interface LightQuarter {
  estates: Estate[]
  packings: Packing[]
  witness: Witness
  greedy: { life: string; requests: number }[]
}

/** The lives of a quarter at every cloud account of the world, hour by hour: people, visitors, platform and witness. */
export async function liveQuarter(options: LightQuarterOptions): Promise<LightQuarter> {
  const { world, seed, hours, log, progress, signal } = options
  const shares = await sharesOf(world)
  const grounds = await groundsOf(world, shares)
  const start = (await ledgerNow(world.db)).getTime()
  const lives = livesOf({ seed, lives: options.lives, hours, grounds })
  const tower = new Watchtower(world, log)
  const witness = new Witness(world)
  const packings: Packing[] = []
  const estates = new Map<string, Estate>()
  for (const [cloudAccount, birth] of world.births) {
    const packing = new Packing(cloudAccount, limitsOf(birth))
    packings.push(packing)
    if (birth.engine.watch.usage !== undefined) await openWatches(world.db, cloudAccount, { usage: CLOSE_LOOK_MS })
    const ground = grounds.find((one) => one.cloudAccount === cloudAccount)
    estates.set(
      cloudAccount,
      new Estate({
        world,
        birth,
        cloudAccount,
        packing,
        lives: lives.filter((life) => life.cloudAccount === cloudAccount),
        demandOf: async (life, size) => shares.demand(cloudAccount, life.kind, size, life.region),
        sizeFrom: (life, size, by) => {
          const next = SIZES[SIZES.findIndex((one) => one.requests === size.requests) + by]
          return next !== undefined && (ground?.shareOf(life.kind, next) ?? 1) <= 0.5 ? next : undefined
        },
        // A little before the hour, so that it is over when the hour begins.
        timeOf: (hour) => new Date(start + hour * HOUR_MS - 60_000).toISOString(),
      }),
    )
  }

  const dispatch = async () => {
    const asked = await nextToAssign(world.db, 1_000)
    const byAccount = Map.groupBy(asked, (one) => one.cloudAccount)
    await Promise.all(
      [...byAccount].map(async ([cloudAccount, list]) => {
        for (const one of list) {
          if (await assign(world.db, one.id)) await estates.get(cloudAccount)?.carryOut(one.id)
        }
      }),
    )
    return asked.length
  }

  for (let hour = 0; hour < hours; hour += 1) {
    signal.throwIfAborted()
    await tower.keepHouse()
    await dispatch()
    const switches = await tower.switches()
    await Promise.all([...estates].map(([id, estate]) => estate.hour(hour, switches.get(id) === 'open')))
    for (const packing of packings) packing.hour()
    await world.forward(HOUR_MS)
    await witness.look()
    if (hour % 24 === 23)
      progress(`day ${(hour + 1) / 24} of ${Math.ceil(hours / 24)}: ${summary([...estates.values()])}`)
  }
  return { estates: [...estates.values()], packings, witness, greedy: [] }
}

function summary(estates: Estate[]): string {
  const sum = (of: (estate: Estate) => number) => estates.reduce((total, estate) => total + of(estate), 0)
  const refused = sum(({ counts }) => [...counts.refusals.values()].reduce((total, one) => total + one, 0))
  return `${sum(({ counts }) => counts.lived)} lived of ${sum(({ counts }) => counts.asked)} asked, ${sum((one) => one.standing.length)} stand, ${refused} refusals, ${sum(({ counts }) => counts.failures.length)} failures`
}

interface Shares {
  demand(
    cloudAccount: string,
    kind: ComponentKind,
    size: Size,
    region: string,
  ): Promise<Awaited<ReturnType<typeof demandOf>>>
}

/** What kinds and sizes take, asked of program and rules once each. */
async function sharesOf(world: LightWorld): Promise<Shares> {
  const known = new Map<string, ReturnType<typeof demandOf>>()
  return {
    demand(cloudAccount, kind, size, region) {
      const key = JSON.stringify([world.births.get(cloudAccount)?.engine.dna.code, kind, size, region])
      const before = known.get(key)
      if (before !== undefined) return before
      const birth = world.births.get(cloudAccount)
      if (birth === undefined) throw new Error(`no engine works for ${cloudAccount}`)
      const made = demandOf(world, birth, manifestOf({ name: 'what-it-takes', kind }, size, { version: 0 }), region)
      known.set(key, made)
      return made
    },
  }
}

async function groundsOf(world: LightWorld, shares: Shares): Promise<Ground[]> {
  return Promise.all(
    [...world.births].map(async ([cloudAccount, birth]): Promise<Ground> => {
      const { engine } = birth
      const limits = limitsOf(birth)
      const kinds = Object.keys(engine.programs) as [ComponentKind, ...ComponentKind[]]
      const [region = ''] = engine.dna.regions
      const table = new Map<string, number>()
      for (const kind of kinds) {
        for (const size of SIZES) {
          const amounts = await shares.demand(cloudAccount, kind, size, region)
          const each = amounts.map(({ meter, amount }) => amount / (limits.get(meter) || Number.NaN))
          table.set(JSON.stringify([kind, size]), Math.max(0, ...each.filter((one) => !Number.isNaN(one))))
        }
      }
      return {
        cloudAccount,
        regions: engine.dna.regions as [string, ...string[]],
        kinds,
        shareOf: (kind, size) => table.get(JSON.stringify([kind, size])) ?? 1,
      }
    }),
  )
}
