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
  /** Why nothing is made there now, whatever room there is: its switch, or an account that is not what it claims to be. */
  shut?: string
}

export type RoomOf = (engine: string, manifest: Pick<Manifest, 'components' | 'ttl'>) => Room

export interface Verdict {
  engine: string
  name: string
  could: boolean
  /** Why not, or what speaks for it. */
  reason: string
}

export interface Choice {
  engine: EngineFacts
  region: string
  /** One verdict per engine, the chosen first. */
  verdicts: Verdict[]
}

/**
 * `engine: auto`: the platform that can host every component for free, within the workspace's regions and exclusions,
 * and that has the most room left. Throws `lock.no-carrier` with a verdict on every engine when none can.
 */
export function chooseEngine(manifest: Manifest, engines: readonly EngineFacts[], roomOf: RoomOf): Choice {
  const judged = judgeEngines(manifest, engines, roomOf)
  const verdicts = judged.map(({ engine, could, reason }) => ({
    engine: engine.code,
    name: engine.name,
    could,
    reason,
  }))
  const [best] = judged
  if (best?.region === undefined) {
    throw new PipiError('lock.no-carrier', 'no engine can host every component of this workspace for free', {
      hint: verdicts.map((one) => `${one.engine}: ${one.reason}`).join('; '),
      data: { engines: verdicts },
    })
  }
  return { engine: best.engine, region: best.region, verdicts }
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

/** The first of the engine's free regions that the workspace allows. */
export function regionFor(wanted: readonly string[], engine: EngineFacts): string | undefined {
  return wanted.length === 0 ? engine.regions[0] : engine.regions.find((region) => wanted.includes(region))
}

interface Judgement {
  could: boolean
  reason: string
  region?: string
  room: number
}

function judge(manifest: Manifest, engine: EngineFacts, room: Room): Judgement {
  const no = (reason: string): Judgement => ({ could: false, reason, room: 0 })
  if (manifest.placement.exclude.includes(engine.code)) return no('excluded by the manifest')
  if (!engine.cloudAccount.ok) return no(engine.cloudAccount.reason)
  const [missing] = uncarried(manifest.components, engine)
  if (missing) return no(`cannot carry "${missing.component.name}": ${missing.reason}`)
  const region = regionFor(manifest.placement.regions, engine)
  if (region === undefined) return no(`free only in ${engine.regions.join(', ')}`)
  if (room.shut !== undefined) return no(room.shut)
  if (room.full !== undefined) return no(`no room: ${room.full}`)
  return {
    could: true,
    reason: `carries all of it in ${region}, ${Math.round(room.share * 100)} % free`,
    region,
    room: room.share,
  }
}
