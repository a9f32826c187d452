import type { Component, ComponentKind } from '../../engines/contract/component.ts'
import type { Queryable } from './open.ts'

interface Done {
  engine: string
  components: Component[]
  resources: { urn: string; demand: { meter: string; amount: number }[] }[]
}

/** What one component of a kind took at an engine: the least it ever did, by meter. */
export type Taken = ReadonlyMap<string, number>

/** So many of the newest deployments are looked at. */
const NEWEST = 40

/**
 * What an account's components took of which meter, by engine and kind, in its newest deployments that succeeded: what
 * another of the kind is likely to ask, known without planning it. Undefined for a kind that has not run there.
 */
export async function takenBefore(
  on: Queryable,
  account: string,
): Promise<(engine: string, kind: ComponentKind) => Taken | undefined> {
  const done = await on.query<Done>(
    `select engine, manifest -> 'components' as components, resources from pipi.deployments
     where account = $1 and kind = 'deploy' and status = 'succeeded' order by id desc limit ${NEWEST}`,
    [account],
  )
  const known = new Map<string, Map<string, number>>()
  for (const { engine, components, resources } of done) {
    for (const component of components) {
      const least = known.get(`${engine} ${component.kind}`) ?? new Map<string, number>()
      for (const [meter, amount] of sumOf(component.name, resources)) {
        least.set(meter, Math.min(amount, least.get(meter) ?? Number.POSITIVE_INFINITY))
      }
      known.set(`${engine} ${component.kind}`, least)
    }
  }
  return (engine, kind) => known.get(`${engine} ${kind}`)
}

/** A component's resources carry its name, alone or as a prefix. */
function sumOf(component: string, resources: Done['resources']): Map<string, number> {
  const sums = new Map<string, number>()
  for (const { urn, demand } of resources) {
    const name = urn.slice(urn.lastIndexOf('::') + 2)
    if (name !== component && !name.startsWith(`${component}-`)) continue
    for (const { meter, amount } of demand) sums.set(meter, (sums.get(meter) ?? 0) + amount)
  }
  return sums
}
