import type { Component } from '../../engines/contract/component.ts'
import type { Holding, Room, RoomOf } from '../commander/choose-engine.ts'
import { type CloudAccountState, listCloudAccounts } from '../store/cloud-account-state.ts'
import type { Database } from '../store/open.ts'
import { type Quota, quota } from '../store/quota.ts'
import { takenBefore } from '../store/taken-before.ts'

/**
 * Room for a workspace at an engine's cloud account: by what components that asked no more took there before, else by the
 * meter of which most is taken. A meter with limit 0 tells nothing.
 */
export async function roomFrom(db: Database, account: string): Promise<RoomOf> {
  const [meters, accounts, taken] = await Promise.all([
    quota(db, account),
    listCloudAccounts(db, account),
    takenBefore(db, account),
  ])
  return (engine, { components, ttl }) => {
    const shut = whyShut(accounts.find((one) => one.engine === engine))
    // What carries an end date need not fit the period after this one.
    const left = ({ left: now, leftNext }: Quota) => (ttl === undefined ? Math.min(now, leftNext) : now)
    const mine = meters
      .filter((meter) => meter.engine === engine && meter.limit > 0 && meter.pays === 'free')
      .map((meter) => ({ ...meter, left: left(meter) }))
    const asked = askedOf(components, (component) => taken(engine, component))
    return {
      ...(asked === undefined ? byFullest(mine) : byAsked(mine, asked)),
      fullScopes: new Set(mine.filter((one) => isFull(one, asked?.get(one.meter))).map((one) => one.scope)),
      ...(shut === undefined ? {} : { shut }),
    }
  }
}

function whyShut(account: CloudAccountState | undefined): string | undefined {
  if (account === undefined) return undefined
  if (account.switch !== 'open')
    return `its kill switch is ${account.switch}: ${account.switchWhy ?? 'no reason was given'}`
  if (account.armed !== false) return undefined
  const wrong = account.findings.find((finding) => !finding.ok && finding.guard !== true)
  return `the account is not what it claims to be: ${wrong?.why ?? 'see ./pipi account check'}`
}

/** What all of them would ask of each meter, or undefined when of one of them nothing is known there yet. */
function askedOf(
  components: readonly Component[],
  taken: (component: Component) => ReadonlyMap<string, number> | undefined,
): Map<string, number> | undefined {
  const sums = new Map<string, number>()
  for (const component of components) {
    const one = taken(component)
    if (one === undefined) return undefined
    for (const [meter, amount] of one) sums.set(meter, (sums.get(meter) ?? 0) + amount)
  }
  return sums
}

interface Wanted {
  meter: Quota
  /** How much of it is wanting. */
  need: number
}

/** Fewest workspaces of one's own whose end would make all of the room that is wanting: the largest holders first. */
function wouldHaveToGo(wanted: readonly Wanted[]): Holding[] {
  const going: Holding[] = []
  for (const { meter, need } of wanted) {
    const sums = new Map<string, number>()
    for (const { workspace, resource, amount, paid = 0 } of meter.holders) {
      // Whose it is else nobody here may know, and nobody here can end it.
      if (resource !== '') sums.set(workspace, (sums.get(workspace) ?? 0) + amount - paid)
    }
    let freed = 0
    const named = new Set(going.map(({ workspace }) => workspace))
    const order = [...sums].sort((a, b) => Number(named.has(b[0])) - Number(named.has(a[0])) || b[1] - a[1])
    for (const [workspace, amount] of order) {
      if (freed >= need || amount <= 0) break
      freed += amount
      going.push({ workspace, meter: meter.meter, amount, unit: meter.unit })
    }
  }
  return going
}

function withGoing(room: Room, wanted: readonly Wanted[]): Room {
  return room.full === undefined ? room : { ...room, goes: wouldHaveToGo(wanted) }
}

/** Of the scopes of a meter (regions, hosts) the one with most room: one of several is enough. */
function roomiest(meters: readonly Quota[], meter: string): Quota | undefined {
  return meters.filter((one) => one.meter === meter).sort((a, b) => b.left / b.limit - a.left / a.limit)[0]
}

/** Without an amount any room at all is a beginning. */
function isFull({ over, left }: Quota, amount = Number.EPSILON): boolean {
  return over || left < amount
}

function byAsked(meters: readonly Quota[], asked: ReadonlyMap<string, number>): Room {
  const room: Room = { share: 1 }
  const wanted: Wanted[] = []
  for (const [meter, amount] of asked) {
    const best = roomiest(meters, meter)
    if (best === undefined) continue
    room.share = Math.min(room.share, Math.max(0, best.left - amount) / best.limit)
    if (isFull(best, amount)) {
      room.full ??= `${meter} has ${best.left} of ${best.limit} ${best.unit} left, and about ${amount} would be asked`
      wanted.push({ meter: best, need: amount - best.left })
    }
  }
  return withGoing(room, wanted)
}

function byFullest(meters: readonly Quota[]): Room {
  const room: Room = { share: 1 }
  const wanted: Wanted[] = []
  for (const meter of meters) {
    if (meter !== roomiest(meters, meter.meter)) continue
    room.share = Math.min(room.share, Math.max(0, meter.left) / meter.limit)
    if (isFull(meter)) {
      room.full ??= `${meter.meter} is full (${meter.held + meter.used} of ${meter.limit} ${meter.unit})`
      // How much would be asked nobody knows yet: any room at all is a beginning.
      wanted.push({ meter, need: Math.max(-meter.left, Number.EPSILON) })
    }
  }
  return withGoing(room, wanted)
}
