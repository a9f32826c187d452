import type { Component } from '../../engines/contract/component.ts'
import type { Queryable } from './open.ts'

interface Done {
  engine: string
  components: Component[]
  resources: { urn: string; demand: { meter: string; amount: number }[] }[]
}

/** What one component took at an engine, by meter. */
export type Taken = ReadonlyMap<string, number>

interface Known {
  component: Component
  taken: Taken
}

/** So many of the newest deployments are looked at. */
const NEWEST = 40

/**
 * What a component would take of which meter at an engine, at the least, known without planning it: what those of its kind
 * that ask no more than it does took in an account's newest deployments that succeeded. Undefined where there was none:
 * what asked for more proves nothing.
 */
export async function takenBefore(
  on: Queryable,
  account: string,
): Promise<(engine: string, component: Component) => Taken | undefined> {
  const done = await on.query<Done>(
    `select engine, manifest -> 'components' as components, resources from pipi.deployments
     where account = $1 and kind = 'deploy' and status = 'succeeded' order by id desc limit ${NEWEST}`,
    [account],
  )
  const known = new Map<string, Known[]>()
  for (const { engine, components, resources } of done) {
    const here = known.get(engine) ?? []
    known.set(engine, here)
    for (const component of components) here.push({ component, taken: sumOf(component.name, resources) })
  }
  return (engine, component) => leastOf((known.get(engine) ?? []).filter((one) => asksNoMore(one.component, component)))
}

/** Those that ask the same took at least the least of them; of all who ask no more, the one that took most says most. */
function leastOf(known: readonly Known[]): Taken | undefined {
  if (known.length === 0) return undefined
  const least = new Map<string, Map<string, number>>()
  for (const { component, taken } of known) {
    const same = least.get(sizeOf(component).join()) ?? new Map<string, number>()
    least.set(sizeOf(component).join(), same)
    for (const [meter, amount] of taken) same.set(meter, Math.min(amount, same.get(meter) ?? Number.POSITIVE_INFINITY))
  }
  const most = new Map<string, number>()
  for (const [meter, amount] of [...least.values()].flatMap((one) => [...one]))
    most.set(meter, Math.max(amount, most.get(meter) ?? 0))
  return most
}

function asksNoMore(one: Component, than: Component): boolean {
  const most = sizeOf(than)
  return sortOf(one) === sortOf(than) && sizeOf(one).every((size, at) => size <= (most[at] ?? 0))
}

function sortOf(component: Component): string {
  if (component.kind === 'database') return `database ${component.model}`
  return component.kind === 'job' ? `job ${component.schedule}` : component.kind
}

/** What a component asks for, as far as amounts follow from it. */
function sizeOf(component: Component): number[] {
  const { requests, egressMb } = component.expect
  return [
    ...[requests, egressMb],
    'memoryMb' in component ? component.memoryMb : 0,
    'sizeMb' in component ? component.sizeMb : 0,
    'timeoutS' in component ? component.timeoutS : 0,
  ]
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
