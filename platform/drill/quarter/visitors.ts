import { z } from 'zod'
import type { LightWorld } from '../light/light-world.ts'
import { chanceOf } from './chance.ts'
import type { Estate } from './estate.ts'

const visitsSchema = z.object({ visits: z.array(z.object({ stack: z.string(), simulated: z.number() })) })
const MONTH_HOURS = 744
const HOUR_MS = 3_600_000

/** Who uses what was deployed: most as much as was expected at most, some as much as the platform lets through. */
export class Visitors {
  readonly #ask: LightWorld['ask']
  readonly #seed: string
  #crowds = 0
  /** Requests in all, and of those who never have enough. */
  requests = 0
  greedyRequests = 0
  readonly greedyWorkspaces = new Set<string>()

  constructor({ ask }: Pick<LightWorld, 'ask'>, seed: string) {
    this.#ask = ask
    this.#seed = seed
  }

  /** To everything that stands, what some hours bring of what a month was expected to bring, or less. */
  async ordinary(estates: readonly Estate[], hours: number): Promise<void> {
    this.#crowds += 1
    const chance = chanceOf(this.#seed, `crowd ${this.#crowds}`)
    const stacks: Record<string, number> = {}
    const to = new Map<string, Estate>()
    for (const estate of estates) {
      for (const { workspace, size } of estate.standing) {
        if (workspace === undefined) continue
        stacks[workspace] = Math.floor((chance.draw() * size.requests * hours) / MONTH_HOURS)
        to.set(workspace, estate)
      }
    }
    if (to.size > 0) this.requests += await this.#come(stacks, to, hours * HOUR_MS)
  }

  /** To these, as many as the platform's own throttles let through. */
  async greedy(those: readonly { estate: Estate; workspace: string }[], ms: number): Promise<void> {
    const to = new Map(those.map((one) => [one.workspace, one.estate]))
    for (const one of to.keys()) this.greedyWorkspaces.add(one)
    this.greedyRequests += await this.#come(Object.fromEntries([...to.keys()].map((one) => [one, 'most'])), to, ms)
  }

  async #come(stacks: Record<string, number | string>, to: ReadonlyMap<string, Estate>, ms: number): Promise<number> {
    const answer = await this.#ask('POST', '/visitors', { seed: this.#seed, requests: 0, stacks, ms })
    const { visits } = visitsSchema.parse(answer)
    for (const { stack, simulated } of visits) to.get(stack)?.burn.came(stack, simulated)
    return visits.reduce((sum, one) => sum + one.simulated, 0)
  }
}
