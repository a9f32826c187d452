import { PipiError } from '../../catalog/errors.ts'
import type { Manifest } from '../../engines/contract/manifest.ts'
import { uncarried } from './carriers.ts'
import type { EngineFacts } from './engine-facts.ts'

/** How much room the ledger has for a workspace at an engine's cloud account. */
export interface Room {
  /** Of the meter with the least left: 0 full, 1 empty. */
  share: number
  /** What is full, for people; undefined while there is room. */
  full?: string
  /** What would have to go for it to fit: the fewest workspaces of this account's own that hold enough of what is full. */
  goes?: Holding[]
  /** Scopes of meters (regions, hosts) in which one is full. */
  fullScopes?: ReadonlySet<string>
  /** Why nothing is made there now, whatever room there is: its switch, or an account that is not what it claims to be. */
  shut?: string
}

/** What a workspace holds of a meter that is full. */
export interface Holding {
  workspace: string
  meter: string
  amount: number
  unit: string
}

export type RoomOf = (engine: string, manifest: Pick<Manifest, 'components' | 'ttl'>) => Room

export interface Verdict {
  engine: string
  name: string
  could: boolean
  /** Why not, or what speaks for it. */
  reason: string
  /** Where only room is wanting: whose would make some. */
  goes?: Holding[]
}

export interface Choice {
  engine: EngineFacts
  region: string
  /** One verdict per engine, the chosen first. */
  verdicts: Verdict[]
}

/**
 * `engine: auto`: the platform that can host every component for free, within the workspace's regions and exclusions,
 * and that has the most room left. Throws with a verdict on every engine when none can: `lock.over-limit` where room
 * alone is wanting, with what would have to go, else `lock.no-carrier`.
 */
export function chooseEngine(manifest: Manifest, engines: readonly EngineFacts[], roomOf: RoomOf): Choice {
  const judged = judgeEngines(manifest, engines, roomOf)
  const verdicts = judged.map(({ engine, could, reason, goes }) => ({
    engine: engine.code,
    name: engine.name,
    could,
    reason,
    ...(goes === undefined ? {} : { goes }),
  }))
  const [best] = judged
  if (best?.region === undefined) {
    throw nobodyCan(
      verdicts,
      judged.some((one) => one.full),
    )
  }
  return { engine: best.engine, region: best.region, verdicts }
}

function nobodyCan(verdicts: Verdict[], full: boolean): PipiError {
  const data = { engines: verdicts }
  const problems = verdicts.map(({ engine, reason }) => ({ path: engine, message: reason }))
  if (!full) {
    return new PipiError('lock.no-carrier', 'no engine can host every component of this workspace for free', {
      hint: 'leave out what no engine carries, deploy it as a workspace of its own, or see ./pipi engines',
      problems,
      data,
    })
  }
  const ways = verdicts.flatMap(({ engine, goes = [] }) => {
    const names = [...new Set(goes.map(({ workspace }) => workspace))]
    return names.length === 0 ? [] : [`on ${engine} ${names.map((name) => `./pipi destroy ${name}`).join(' and ')}`]
  })
  const hint =
    ways.length === 0 ? 'nothing of this account holds what is full' : `what would have to go: ${ways.join(', or ')}`
  return new PipiError(
    'lock.over-limit',
    'every engine that could host this workspace for free has its free room taken',
    { hint, problems, data },
  )
}

/** A judgement on every engine: those that could first, the roomiest of them before all; `region` only where it could. */
export function judgeEngines(
  manifest: Manifest,
  engines: readonly EngineFacts[],
  roomOf: RoomOf,
): (Judgement & { engine: EngineFacts })[] {
  return engines
    .map((engine) => ({ engine, ...judge(manifest, engine, roomOf(engine.code, manifest)) }))
    .sort(
      (a, b) =>
        Number(b.could) - Number(a.could) ||
        b.room - a.room ||
        (a.could ? a.engine.code.localeCompare(b.engine.code) : 0),
    )
}

/** The first of the engine's free regions that the workspace allows and in which nothing is full; if all are, the first. */
export function regionFor(
  wanted: readonly string[],
  engine: EngineFacts,
  { fullScopes }: Pick<Room, 'fullScopes'>,
): string | undefined {
  const allowed = wanted.length === 0 ? engine.regions : engine.regions.filter((region) => wanted.includes(region))
  return allowed.find((region) => fullScopes?.has(engine.scopes?.[region] ?? region) !== true) ?? allowed[0]
}

interface Judgement {
  could: boolean
  reason: string
  region?: string
  room: number
  /** Only room is wanting. */
  full?: boolean
  goes?: Holding[]
}

function judge(manifest: Manifest, engine: EngineFacts, room: Room): Judgement {
  const no = (reason: string): Judgement => ({ could: false, reason, room: 0 })
  if (manifest.placement.exclude.includes(engine.code)) return no('excluded by the manifest')
  if (!engine.cloudAccount.ok) return no(engine.cloudAccount.reason)
  const [missing] = uncarried(manifest.components, engine)
  if (missing) return no(`cannot carry "${missing.component.name}": ${missing.reason}`)
  const region = regionFor(manifest.placement.regions, engine, room)
  if (region === undefined) return no(`free only in ${engine.regions.join(', ')}`)
  if (room.shut !== undefined) return no(room.shut)
  if (room.full !== undefined) {
    const held = room.goes === undefined || room.goes.length === 0 ? '' : `, held by ${said(room.goes)}`
    return {
      ...no(`no room: ${room.full}${held}`),
      full: true,
      ...(room.goes === undefined ? {} : { goes: room.goes }),
    }
  }
  return {
    could: true,
    reason: `carries all of it in ${region}, ${Math.round(room.share * 100)} % free`,
    region,
    room: room.share,
  }
}

/** `lab (2 app), crowded (960000 request, 360000 GB-s)` */
function said(goes: readonly Holding[]): string {
  const held = Map.groupBy(goes, ({ workspace }) => workspace)
  const amounts = (of: Holding[]) => of.map(({ amount, unit }) => `${Number(amount.toPrecision(6))} ${unit}`).join(', ')
  return [...held].map(([workspace, of]) => `${workspace} (${amounts(of)})`).join(', ')
}
