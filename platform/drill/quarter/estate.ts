import type { Amount } from '../../../catalog/demand.ts'
import { carryOut, type Ended } from '../light/carry-out.ts'
import { Burn } from './burn.ts'
import { noCounts, note } from './counts.ts'
import type { Change, Life, Size } from './lives.ts'
import type { Packing } from './packing.ts'
import { type Asking, request } from './request.ts'

/** A life that has begun to be asked for. */
interface Living {
  life: Life
  size: Size
  source: number
  version: number
  /** Workspace id, once it is known. */
  workspace?: string
  /** Its visitors found it shut, and went. */
  calm?: true
  /** What is asked for it now, and what of it stands; none: it was refused, or not asked yet. */
  asked: Amount[]
  standing?: Amount[]
}

export interface EstateOptions extends Asking {
  lives: readonly Life[]
  packing: Packing
  /** The platform tells within the hour what was used. */
  quick: boolean
  /** What a life takes at a size, by program and rules alone. */
  demandOf(life: Life, size: Size): Promise<Amount[]>
  /** The next larger or smaller size, where there is one that fits. */
  sizeFrom(life: Life, size: Size, by: 1 | -1): Size | undefined
}

/** When so many meters are full nobody tries further down the line in this hour. */
const PATIENCE = 3

/** Everything that is lived at one cloud account, hour by hour; one deployment after the other, in an order that repeats. */
export class Estate {
  readonly counts = noCounts()
  readonly burn = new Burn()
  readonly #options: EstateOptions
  readonly #byName = new Map<string, Living>()
  readonly #coming: Life[]
  #waiting: Living[] = []
  #roomMade = true
  #giveUps: (() => void)[] = []

  constructor(options: EstateOptions) {
    this.#options = options
    this.#coming = [...options.lives]
  }

  get engine(): string {
    return this.#options.birth.engine.dna.code
  }

  get cloudAccount(): string {
    return this.#options.cloudAccount
  }

  get quick(): boolean {
    return this.#options.quick
  }

  get packing(): Packing {
    return this.#options.packing
  }

  /** Workspaces of those who never have enough. */
  get greedy(): string[] {
    return this.standing.flatMap(({ life, workspace, calm }) =>
      life.greedy && calm !== true && workspace !== undefined ? [workspace] : [],
    )
  }

  /** An hour is over, in a month (`YYYY-MM`): what was granted in it beside the best that could be. */
  pack(month: string): void {
    this.burn.turnTo(month)
    this.packing.hour(this.burn.beside(this.standing.map(usedBy)))
  }

  /** Whether somebody goes in this hour. */
  endsAt(hour: number): boolean {
    return this.standing.some((one) => one.life.until <= hour)
  }

  get standing(): readonly Living[] {
    return [...this.#byName.values()].filter((one) => one.standing !== undefined)
  }

  /** Ends, changes and beginnings of an hour. `open`: the account's switch is. */
  async hour(hour: number, open: boolean): Promise<void> {
    for (const giveUp of this.#giveUps.splice(0)) giveUp()
    for (const one of this.standing) {
      if (one.life.until > hour || (one.life.ttl && one.life.until === hour)) continue
      await this.#end(one)
    }
    for (const one of this.standing) {
      for (const change of one.life.changes.filter((each) => each.at === hour)) await this.#change(one, change)
    }
    await this.#begin(hour, open)
  }

  /** What the platform itself asked for, and has been carried out: its end, a standstill, the way back. */
  async carryOut(deployment: string): Promise<void> {
    const ended = await this.#work(deployment)
    if (ended === undefined) return
    const one = this.#byName.get(ended.order.workspace.name)
    if (ended.status !== 'succeeded') note(this.counts, ended)
    else if (ended.order.kind === 'suspend') {
      this.counts.suspended += 1
      if (one !== undefined) one.calm = true
    } else if (ended.order.kind === 'resume') this.counts.resumed += 1
    else if (ended.order.kind === 'destroy' && one !== undefined) {
      this.counts.expired += 1
      this.#gone(one)
    }
  }

  async #begin(hour: number, open: boolean): Promise<void> {
    const still = this.#waiting.filter((one) => one.life.until > hour)
    for (const one of this.#waiting) if (one.life.until <= hour) this.#gone(one)
    this.#waiting = still
    const fresh: Living[] = []
    while (this.#coming[0] !== undefined && this.#coming[0].from <= hour) {
      const life = this.#coming.shift() as Life
      const asked = await this.#options.demandOf(life, life.size)
      const one: Living = { life, size: life.size, source: life.source, version: 0, asked }
      this.#options.packing.asks(asked, 1)
      this.counts.asked += 1
      this.#byName.set(life.name, one)
      fresh.push(one)
    }
    if (!open) {
      this.#waiting.push(...fresh)
      return
    }
    const again = this.#roomMade ? this.#waiting.splice(0) : []
    this.#roomMade = false
    // What was just refused need not be asked again by who wants as much of it, or more.
    const full = new Map<string, number>()
    for (const one of again) {
      if (full.size >= PATIENCE || one.asked.some(({ meter, amount }) => amount >= (full.get(meter) ?? Number.NaN)))
        this.#waiting.push(one)
      else await this.#try(one, full)
    }
    // Who asks for the first time is always heard.
    for (const one of fresh) await this.#try(one, full)
  }

  async #try(one: Living, full: Map<string, number>): Promise<void> {
    const ended = await this.#request(one, 'deploy')
    if (ended?.status === 'succeeded') {
      one.workspace = ended.order.workspace.id
      one.standing = one.asked
      this.#options.packing.stands(one.standing, 1)
      this.counts.lived += 1
      return
    }
    this.#waiting.push(one)
    const meter = ended?.refusal?.meter
    const amount = one.asked.find((each) => each.meter === meter)?.amount
    if (meter !== undefined && amount !== undefined)
      full.set(meter, Math.min(amount, full.get(meter) ?? Number.POSITIVE_INFINITY))
  }

  async #change(one: Living, { what }: Change): Promise<void> {
    const { packing, sizeFrom, demandOf } = this.#options
    const by = what === 'grow' ? 1 : what === 'shrink' ? -1 : 0
    const size = (by === 0 ? undefined : sizeFrom(one.life, one.size, by)) ?? one.size
    const asked = await demandOf(one.life, size)
    const before = { asked: one.asked, source: one.source, version: one.version }
    packing.asks(before.asked, -1)
    packing.asks(asked, 1)
    one.asked = asked
    one.version += 1
    if (what === 'content') one.source = (one.source + 1) % this.#options.world.artifacts.sources.length
    const ended = await this.#request(one, 'deploy', size)
    if (ended?.status === 'succeeded') {
      packing.stands(one.standing ?? [], -1)
      one.standing = asked
      packing.stands(asked, 1)
      one.size = size
      this.counts.changed += 1
      if (what === 'shrink') this.#roomMade = true
      return
    }
    Object.assign(one, { source: before.source, version: before.version })
    // It was asked for this hour, in vain; afterwards it is what it was.
    this.#giveUps.push(() => {
      packing.asks(one.asked, -1)
      packing.asks(before.asked, 1)
      one.asked = before.asked
    })
  }

  async #end(one: Living): Promise<void> {
    const ended = await this.#request(one, 'destroy')
    if (ended?.status !== 'succeeded') return
    this.counts.destroyed += 1
    this.#gone(one)
  }

  #gone(one: Living): void {
    for (const giveUp of this.#giveUps.splice(0)) giveUp()
    if (one.standing !== undefined) {
      this.#options.packing.stands(one.standing, -1)
      this.burn.went(usedBy(one))
    }
    this.#options.packing.asks(one.asked, -1)
    this.#byName.delete(one.life.name)
    this.#roomMade = true
  }

  async #request(one: Living, kind: 'deploy' | 'destroy', size = one.size): Promise<Ended | undefined> {
    const ended = await this.#work(await request(this.#options, one, kind, size))
    if (ended !== undefined && ended.status !== 'succeeded') note(this.counts, ended)
    return ended
  }

  async #work(deployment: string): Promise<Ended | undefined> {
    const { world, birth } = this.#options
    this.counts.deployments += 1
    return carryOut(deployment, birth, world)
  }
}

function usedBy({ workspace = '', size, standing = [] }: Living): { workspace: string; size: Size; amounts: Amount[] } {
  return { workspace, size, amounts: standing }
}
