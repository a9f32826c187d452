import type { Amount } from '../../../catalog/demand.ts'
import { metersOf } from '../../../catalog/meters.ts'
import type { ComponentKind } from '../../../engines/contract/component.ts'
import type { Engine } from '../../../engines/contract/engine.ts'
import { type Manifest, manifestSchema } from '../../../engines/contract/manifest.ts'
import { guardRules } from '../../../factory/stem-cell/guard-rules.ts'
import { planProgram } from '../../../stacks/planner/plan-program.ts'
import { isAtPlatform } from '../../../stacks/wire/urn.ts'
import { plain } from '../../../stacks/wire/values.ts'
import type { Artifacts } from '../light/artifacts.ts'
import type { Life, Size } from './lives.ts'

/** What one workspace is: how many resources, and what they take, summed by meter and scope. */
export interface Asked {
  resources: number
  amounts: Amount[]
}

/** What workspaces take by their program and the rules alone, asked once for each kind, size and region: no ledger is. */
export class Demands {
  readonly #artifacts: Artifacts
  readonly #known = new Map<string, Promise<Asked>>()

  constructor(artifacts: Artifacts) {
    this.#artifacts = artifacts
  }

  of(engine: Engine, kind: ComponentKind, size: Size, region = engine.dna.regions[0] ?? ''): Promise<Asked> {
    const key = JSON.stringify([engine.dna.code, kind, size, region])
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const made = this.#ask(engine, manifestOf({ name: 'what-it-takes', kind }, size, 0), region)
    this.#known.set(key, made)
    return made
  }

  /** The share of its tightest limit that a workspace takes. */
  async shareOf(engine: Engine, kind: ComponentKind, size: Size): Promise<number> {
    const limits = limitsOf(engine)
    const { amounts } = await this.of(engine, kind, size)
    const shares = amounts.flatMap(({ meter, amount }) => {
      const limit = limits.get(meter) ?? 0
      return limit > 0 ? [amount / limit] : []
    })
    return Math.max(0, ...shares)
  }

  async #ask(engine: Engine, manifest: Manifest, region: string): Promise<Asked> {
    const plan = engine.dna.sandbox?.plan ?? ''
    const rules = guardRules(engine, manifest, { plan, region })
    const [component] = manifest.components
    const [source] = this.#artifacts.sources
    const program = component === undefined ? undefined : engine.programs[component.kind]
    if (component === undefined || source === undefined || program === undefined) throw new Error('nothing is declared')
    const { artifact } = await this.#artifacts.of(engine, source, component)
    const workspace = { id: 'w00000000000000000000', name: manifest.name }
    const slug = 'what-it-takes'
    const planned = await planProgram({
      project: 'asked',
      stack: workspace.id,
      program: async () =>
        program.declare({ workspace, component, artifact, region, slug, environment: component.env, uses: {} }),
    })
    const resources = planned.filter(isAtPlatform)
    const sums = new Map<string, Amount>()
    for (const one of resources) {
      const rule = rules[one.type]
      const answer = rule?.demand(rule.safe(plain(one.inputs)), one.urn)
      if (answer?.ok !== true) throw new Error(`the drill asks what is never free: ${JSON.stringify(answer)}`)
      for (const amount of answer.demand.amounts) {
        const key = keyOf(amount)
        sums.set(key, { ...amount, amount: amount.amount + (sums.get(key)?.amount ?? 0) })
      }
    }
    return { resources: resources.length, amounts: [...sums.values()] }
  }
}

/** A workspace's manifest at a point of its life. */
export function manifestOf(life: Pick<Life, 'name' | 'kind'>, size: Size, version: number): Manifest {
  const { requests, egressMb, memoryMb } = size
  return manifestSchema.parse({
    apiVersion: 'pipi/v1',
    name: life.name,
    components: [
      {
        name: 'main',
        kind: life.kind,
        expect: { requests, egressMb },
        env: version === 0 ? {} : { VERSION: String(version) },
        ...(life.kind === 'service' ? { memoryMb } : {}),
      },
    ],
  })
}

/** The limits of an account in the sandbox by the catalogue: those that are numbers, by meter. */
export function limitsOf({ facts, dna }: Engine): Map<string, number> {
  const meters = metersOf(facts, dna.sandbox?.plan ?? '')
  return new Map(meters.flatMap(({ id, limit }) => (typeof limit === 'number' ? [[id, limit] as const] : [])))
}

export function keyOf({ meter, scope }: { meter: string; scope: string }): string {
  return scope === '' ? meter : `${meter} ${scope}`
}
