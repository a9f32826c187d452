import type { Amount } from '../../../catalog/demand.ts'
import { metersOf } from '../../../catalog/meters.ts'
import { type Manifest, manifestSchema } from '../../../engines/contract/manifest.ts'
import type { Birth } from '../../../factory/contract/stem-cell.ts'
import { guardRules } from '../../../factory/stem-cell/guard-rules.ts'
import { planProgram } from '../../../stacks/planner/plan-program.ts'
import { isAtPlatform } from '../../../stacks/wire/urn.ts'
import { plain } from '../../../stacks/wire/values.ts'
import type { LightWorld } from '../light/light-world.ts'
import type { Life, Size } from './lives.ts'

/** A workspace's manifest at a point of its life. */
export function manifestOf(
  life: Pick<Life, 'name' | 'kind'>,
  size: Size,
  more: { version: number; ttlHours?: number | undefined },
): Manifest {
  const { requests, egressMb, memoryMb } = size
  return manifestSchema.parse({
    apiVersion: 'pipi/v1',
    name: life.name,
    components: [
      {
        name: 'main',
        kind: life.kind,
        expect: { requests, egressMb },
        env: more.version === 0 ? {} : { VERSION: String(more.version) },
        ...(life.kind === 'service' ? { memoryMb } : {}),
      },
    ],
    ...(more.ttlHours === undefined ? {} : { ttl: `${more.ttlHours}h` }),
  })
}

/** What a workspace takes by the program and the rules alone: no ledger is asked. Summed by meter and scope. */
export async function demandOf(world: LightWorld, birth: Birth, manifest: Manifest, region: string): Promise<Amount[]> {
  const { engine } = birth
  const plan = engine.dna.sandbox?.plan ?? ''
  const rules = guardRules(engine, manifest, { plan, region })
  const [component] = manifest.components
  const [source] = world.artifacts.sources
  const program = component === undefined ? undefined : engine.programs[component.kind]
  if (component === undefined || source === undefined || program === undefined) throw new Error('nothing is declared')
  const { artifact } = await world.artifacts.of(engine, source, component)
  const workspace = { id: 'w00000000000000000000', name: manifest.name }
  const slug = 'what-it-takes'
  const planned = await planProgram({
    project: 'asked',
    stack: workspace.id,
    program: async () => program.declare({ workspace, component, artifact, region, slug, environment: component.env }),
  })
  const sums = new Map<string, Amount>()
  for (const one of planned.filter(isAtPlatform)) {
    const rule = rules[one.type]
    const answer = rule?.demand(rule.safe(plain(one.inputs)), one.urn)
    if (answer?.ok !== true) throw new Error(`the drill asks what is never free: ${JSON.stringify(answer)}`)
    for (const amount of answer.demand.amounts) {
      const key = keyOf(amount)
      sums.set(key, { ...amount, amount: amount.amount + (sums.get(key)?.amount ?? 0) })
    }
  }
  return [...sums.values()]
}

/** The limits of an account by the catalogue: those that are numbers, by meter. */
export function limitsOf({ engine }: Birth): Map<string, number> {
  const meters = metersOf(engine.facts, engine.dna.sandbox?.plan ?? '')
  return new Map(meters.flatMap(({ id, limit }) => (typeof limit === 'number' ? [[id, limit] as const] : [])))
}

export function keyOf({ meter, scope }: { meter: string; scope: string }): string {
  return scope === '' ? meter : `${meter} ${scope}`
}
