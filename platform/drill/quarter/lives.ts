import type { ComponentKind } from '../../../engines/contract/component.ts'
import type { Engine } from '../../../engines/contract/engine.ts'
import { type Chance, chanceOf } from './chance.ts'

/** How much a workspace is expected to be used a month, and how large it is. */
export interface Size {
  requests: number
  egressMb: number
  memoryMb: number
}

/** What somebody wants of a workspace. Hours are of the quarter, from 0 on. */
export interface Life {
  name: string
  cloudAccount: string
  region: string
  kind: ComponentKind
  size: Size
  /** Which of the sources. */
  source: number
  /** Asked for at `from`, wanted until `until`: refused, it is asked for again until then. */
  from: number
  until: number
  /** Its end is promised beforehand, and the platform keeps the promise; else somebody destroys it. */
  ttl: boolean
  changes: Change[]
  /** Its visitors ask as much as the platform's own throttles let through. */
  greedy: boolean
}

/** `settings`: an update; `content`: other bytes; `grow`, `shrink`: it takes more, or less. */
export interface Change {
  at: number
  what: 'settings' | 'content' | 'grow' | 'shrink'
}

/** Where lives may be lived, and how much of them fits. */
export interface Ground {
  cloudAccount: string
  regions: readonly [string, ...string[]]
  kinds: readonly [ComponentKind, ...ComponentKind[]]
  /** How many are lived here. */
  lives: number
  /** Its platform tells within the hour what was used. */
  quick: boolean
  /** How many of them are greedy. */
  greedy: number
  /** The share of the tightest limit that a workspace takes: of a kind and size. */
  shareOf(kind: ComponentKind, size: Size): number
  /** The largest share of a monthly limit that is only watched. */
  monthlyOf(size: Size): number
}

/** Kinds that answer visitors, and that the drill has sources for. */
export const LIVED = ['site', 'service'] as const satisfies readonly ComponentKind[]

/** Which of them an engine carries. */
export function livedKinds({ programs }: Pick<Engine, 'programs'>): ComponentKind[] {
  return LIVED.filter((kind) => programs[kind] !== undefined)
}

export const SIZES: readonly [Size, ...Size[]] = [
  { requests: 1_000, egressMb: 2, memoryMb: 128 },
  { requests: 5_000, egressMb: 10, memoryMb: 128 },
  { requests: 20_000, egressMb: 40, memoryMb: 128 },
  { requests: 60_000, egressMb: 120, memoryMb: 256 },
]
/**
 * Nobody wants more of a limit than this share of it, where the smallest size takes no more: gaps that are smaller than
 * whoever waits are nobody's fault, and with a few large ones only who knows the future could fill them.
 */
const LARGEST_SHARE = 0.1
/** The sizes that lives of a kind have, by the share of its tightest limit that each takes. */
export function sizesWithin(shareOf: (size: Size) => number): Size[] {
  const largest = Math.max(LARGEST_SHARE, shareOf(SIZES[0]))
  return SIZES.filter((size) => shareOf(size) <= largest)
}
/** More is wanted than fits, so that limits are reached; in a surge much more. */
export const PRESSURE = 1.35
const SURGE_EVERY_HOURS = 160
const SOURCES = 3

/** Who lives for less is gone before a daily figure says what he used: for the month it counts as used up. */
const DAY_HOURS = 24
/** Of what a month gives, for all who come in it one after the other. */
const MONTHLY = 1.5
const MONTH_HOURS = 744

/**
 * What is asked of the platform in a quarter: on each ground as many lives as it has, as long as makes its tightest limit
 * the one that is fought for. The same seed gives the same lives.
 */
export function livesOf(seed: string, hours: number, grounds: readonly Ground[]): Life[] {
  return grounds.flatMap((ground) => {
    const chance = chanceOf(seed, `lives of ${ground.cloudAccount}`)
    const all = bodiesOf(ground, chance, SIZES)
    const short = stayingOf(ground, all, hours) < DAY_HOURS
    const perMonth = (ground.lives * Math.min(hours, MONTH_HOURS)) / hours
    const small = SIZES.filter((size) => perMonth * ground.monthlyOf(size) <= MONTHLY)
    const bodies = short ? bodiesOf(ground, chance, small.length === 0 ? [SIZES[0]] : small) : all
    const staying = stayingOf(ground, bodies, hours)
    return bodies.map((one) => dated(one, chance, hours, staying)).sort((a, b) => a.from - b.from)
  })
}

/** So many at once fill the tightest limit; so long each stays, on average, to keep it full and a bit more. Hours. */
function stayingOf(ground: Ground, bodies: readonly Body[], hours: number): number {
  const shares = bodies.reduce((sum, one) => sum + ground.shareOf(one.kind, one.size), 0)
  return Math.max(2, Math.min(hours / 3, (PRESSURE * hours) / shares))
}

function bodiesOf(ground: Ground, chance: Chance, sizes: readonly Size[]): Body[] {
  return Array.from({ length: ground.lives }, (_, n) => bodyOf(ground, chance, sizes, n))
}

type Body = Omit<Life, 'from' | 'until' | 'changes'>

function bodyOf(ground: Ground, chance: Chance, sizes: readonly Size[], n: number): Body {
  const kind = chance.oneOf(ground.kinds)
  const within = sizesWithin((size) => ground.shareOf(kind, size))
  const fits = sizes.filter((size) => within.includes(size))
  const size = chance.oneOf(fits.length === 0 ? [SIZES[0]] : (fits as [Size, ...Size[]]))
  return {
    name: `life-${n}-${ground.cloudAccount
      .toLowerCase()
      .replace(/[^a-z0-9]/g, '')
      .slice(-6)}`,
    cloudAccount: ground.cloudAccount,
    region: chance.oneOf(ground.regions),
    kind,
    size,
    source: chance.whole(0, SOURCES - 1),
    ttl: chance.happens(0.4),
    // Spread over the quarter by their dates.
    greedy: n < ground.greedy,
  }
}

function dated(body: Body, chance: Chance, hours: number, staying: number): Life {
  // Every so often many come at once.
  const surge = chance.happens(0.15)
  const at = Math.floor(chance.draw() * hours)
  const from = surge ? Math.floor(at / SURGE_EVERY_HOURS) * SURGE_EVERY_HOURS : at
  // From half to one and a half of the mean, some much longer: over the end of a month, and over the quarter's.
  const length = staying * (chance.happens(0.05) ? 3 : 0.4 + chance.draw())
  const until = from + Math.max(2, Math.round(length))
  const changes = Array.from({ length: chance.happens(0.5) ? chance.whole(1, 2) : 0 }, (): Change => {
    const what = chance.oneOf<Change['what']>(['settings', 'content', 'grow', 'shrink'])
    return { at: chance.whole(from + 1, until - 1), what }
  })
  return { ...body, from, until, changes: changes.sort((a, b) => a.at - b.at) }
}
