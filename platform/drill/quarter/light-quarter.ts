import type { ComponentKind } from '../../../engines/contract/component.ts'
import type { Log } from '../../log.ts'
import { ledgerNow } from '../../store/ledger-clock.ts'
import type { LightWorld } from '../light/light-world.ts'
import { type Demands, limitsOf } from './asked.ts'
import { Estate } from './estate.ts'
import { type Ground, livedKinds, livesOf, SIZES, type Size, sizesWithin } from './lives.ts'
import { Packing } from './packing.ts'
import type { Spread } from './spread.ts'
import { Visitors } from './visitors.ts'
import { CLOSE_LOOK_MS, HOUR_MS, Watchtower } from './watchtower.ts'
import { Witness } from './witness.ts'

export interface LightQuarterOptions {
  world: LightWorld
  demands: Demands
  spreads: readonly Spread[]
  seed: string
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
  visitors: Visitors
}

/** Ordinary visitors come in crowds of so many hours, and what they used is read once a day at least. */
const VISIT_HOURS = 6
const READ_HOURS = 24

/** The lives of a quarter at every cloud account of the world, hour by hour: people, visitors, platform and witness. */
export async function liveQuarter(options: LightQuarterOptions): Promise<LightQuarter> {
  const { world, hours, seed, log, progress, signal } = options
  const tower = new Watchtower(world, log)
  const witness = new Witness(world)
  const visitors = new Visitors(world, seed)
  const { estates, packings } = await settle(options, tower)
  const all = [...estates.values()]
  const begun = (await ledgerNow(world.db)).getTime()

  /** A part of an hour passes, with those who never have enough about, and the platform looks as often as it does. */
  const pass = async (greedy: readonly { estate: Estate; workspace: string }[]): Promise<void> => {
    if (greedy.length === 0) return world.forward(HOUR_MS)
    const burning = new Set(greedy.map((one) => one.estate.cloudAccount))
    await tower.read([...burning])
    for (const id of burning) await tower.lookEvery(id, CLOSE_LOOK_MS)
    for (let ms = 0; ms < HOUR_MS; ms += CLOSE_LOOK_MS) {
      await world.forward(CLOSE_LOOK_MS)
      await visitors.greedy(greedy, CLOSE_LOOK_MS)
      await tower.read([...burning])
      await tower.keepHouse()
      await tower.dispatch(estates)
      await witness.look()
    }
    for (const id of burning) await tower.lookEvery(id, READ_HOURS * HOUR_MS)
  }

  for (let hour = 0; hour < hours; hour += 1) {
    signal.throwIfAborted()
    const due = all.filter((estate) => hour % READ_HOURS === 0 || (estate.quick && estate.endsAt(hour)))
    await tower.read(due.map((estate) => estate.cloudAccount))
    await tower.keepHouse()
    await tower.dispatch(estates)
    const switches = await tower.switches()
    const isOpen = (estate: Estate) => switches.get(estate.cloudAccount) === 'open'
    await Promise.all(all.map((estate) => estate.hour(hour, isOpen(estate))))
    // Where the kill switch is on nothing may be granted: no hour of that account counts.
    for (const estate of all) if (isOpen(estate)) estate.pack(monthOf(begun, hour))
    if (hour % VISIT_HOURS === 0) await visitors.ordinary(all, VISIT_HOURS)
    await pass(all.filter(isOpen).flatMap((estate) => estate.greedy.map((workspace) => ({ estate, workspace }))))
    await witness.look()
    if (hour % 24 === 23) progress(`day ${(hour + 1) / 24} of ${Math.ceil(hours / 24)}: ${summary(all)}`)
  }
  return { estates: all, packings, witness, visitors }
}

function monthOf(begun: number, hour: number): string {
  return new Date(begun + hour * HOUR_MS).toISOString().slice(0, 7)
}

async function settle(
  { world, demands, spreads, seed, hours }: LightQuarterOptions,
  tower: Watchtower,
): Promise<{ estates: Map<string, Estate>; packings: Packing[] }> {
  const grounds = await groundsOf(world, demands, spreads, tower)
  const start = (await ledgerNow(world.db)).getTime()
  const lives = Map.groupBy(livesOf(seed, hours, grounds), (life) => life.cloudAccount)
  const estates = new Map<string, Estate>()
  const packings: Packing[] = []
  for (const ground of grounds) {
    const { cloudAccount } = ground
    const birth = world.births.get(cloudAccount)
    if (birth === undefined) throw new Error(`no engine works for ${cloudAccount}`)
    const { engine } = birth
    const packing = new Packing(cloudAccount, limitsOf(engine))
    packings.push(packing)
    await tower.lookEvery(cloudAccount, READ_HOURS * HOUR_MS)
    const estate = new Estate({
      world,
      birth,
      cloudAccount,
      packing,
      quick: ground.quick,
      lives: lives.get(cloudAccount) ?? [],
      demandOf: async (life, size) => (await demands.of(engine, life.kind, size, life.region)).amounts,
      sizeFrom: (life, size, by) => {
        const next = SIZES[SIZES.findIndex((one) => one.requests === size.requests) + by]
        return next !== undefined && sizesWithin((one) => ground.shareOf(life.kind, one)).includes(next)
          ? next
          : undefined
      },
      // A little before the hour, so that it is over when the hour begins.
      timeOf: (hour) => new Date(start + hour * HOUR_MS - 60_000).toISOString(),
    })
    estates.set(cloudAccount, estate)
  }
  return { estates, packings }
}

/** Of so many lives one is greedy, where readings come soon enough to hold it. */
const LIVES_PER_GREEDY = 100

async function groundsOf(
  world: LightWorld,
  demands: Demands,
  spreads: readonly Spread[],
  tower: Watchtower,
): Promise<Ground[]> {
  const grounds: Ground[] = []
  for (const { engine, lives, accounts } of spreads) {
    const kinds = livedKinds(engine) as [ComponentKind, ...ComponentKind[]]
    const shares = new Map<string, number>()
    const monthly = new Map<string, number>()
    for (const kind of kinds) {
      for (const size of SIZES) {
        shares.set(JSON.stringify([kind, size]), await demands.shareOf(engine, kind, size))
        const before = monthly.get(JSON.stringify(size)) ?? 0
        monthly.set(JSON.stringify(size), Math.max(before, await monthlyShare(demands, engine, kind, size)))
      }
    }
    const { amounts } = await demands.of(engine, kinds[0], SIZES[0])
    const quick = tower.isQuick(
      engine,
      amounts.flatMap(({ meter, bound }) => (bound === 'watched' ? [meter] : [])),
    )
    const ids = [...world.births].flatMap(([id, birth]) => (birth.engine.dna.code === engine.dna.code ? [id] : []))
    for (const [at, cloudAccount] of ids.entries()) {
      const own = Math.floor(lives / accounts) + (at < lives % accounts ? 1 : 0)
      grounds.push({
        cloudAccount,
        regions: engine.dna.regions as [string, ...string[]],
        kinds,
        lives: own,
        quick,
        greedy: quick ? Math.round(own / LIVES_PER_GREEDY) : 0,
        shareOf: (kind, size) => shares.get(JSON.stringify([kind, size])) ?? 1,
        monthlyOf: (size) => monthly.get(JSON.stringify(size)) ?? 1,
      })
    }
  }
  return grounds
}

async function monthlyShare(
  demands: Demands,
  engine: Spread['engine'],
  kind: ComponentKind,
  size: Size,
): Promise<number> {
  const limits = limitsOf(engine)
  const { amounts } = await demands.of(engine, kind, size)
  const shares = amounts.flatMap(({ meter, amount, bound }) => {
    const limit = limits.get(meter) ?? 0
    return bound === 'watched' && limit > 0 ? [amount / limit] : []
  })
  return Math.max(0, ...shares)
}

function summary(estates: readonly Estate[]): string {
  const sum = (of: (estate: Estate) => number) => estates.reduce((total, estate) => total + of(estate), 0)
  const refused = sum(({ counts }) => [...counts.refusals.values()].reduce((total, one) => total + one, 0))
  return [
    `${sum(({ counts }) => counts.lived)} lived of ${sum(({ counts }) => counts.asked)} asked`,
    `${sum((one) => one.standing.length)} stand`,
    `${refused} refusals`,
    `${sum(({ counts }) => counts.suspended)} suspended`,
    `${sum(({ counts }) => counts.failures.length)} failures`,
  ].join(', ')
}
