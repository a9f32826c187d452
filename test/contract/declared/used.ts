import { servicesOf } from '../../../catalog/types-of.ts'
import type { TypeBehaviour } from '../../../engines/contract/behaviour.ts'
import type { Engine } from '../../../engines/contract/engine.ts'
import { Asset, plain, Secret, type Values } from '../../../stacks/wire/values.ts'
import type { Declared } from './declared.ts'

/** A resource type as the engine uses it. */
export interface UsedType {
  type: string
  /** Kinds of components, and `walls`. */
  kinds: string[]
  resources: Declared[]
  table: TypeBehaviour
  /** Paths of inputs, and who names them: programs and the guard, a rule, the catalogue, or the simulation. */
  paths: Map<string, string>
}

/** What is declared, by type; a type that the engine's table does not hold throws. */
export function usedTypes(
  engine: Engine,
  declared: readonly Declared[],
  table: Readonly<Record<string, TypeBehaviour>>,
): UsedType[] {
  const types = [...new Set(declared.map(({ type }) => type))].sort()
  return types.map((type) => {
    const resources = declared.filter((one) => one.type === type)
    const behaviour = table[type]
    if (behaviour === undefined) throw new Error(`engines/${engine.dna.code}/behaviour.yaml has no line for ${type}`)
    return {
      ...{ type, resources, table: behaviour },
      kinds: [...new Set(resources.flatMap(({ kind }) => kind.split(', ')))].sort(),
      paths: pathsUsed(engine, type, resources, behaviour),
    }
  })
}

function pathsUsed(
  engine: Engine,
  type: string,
  resources: readonly Declared[],
  behaviour: TypeBehaviour,
): Map<string, string> {
  const paths = new Map<string, string>()
  const name = (who: string, found: readonly string[]) => {
    for (const path of found) if (!paths.has(path)) paths.set(path, who)
  }
  const rule = engine.rules[type]
  for (const { asked } of resources) {
    name('a program', pathsOf(asked))
    name('a rule', rule?.suspended === undefined ? [] : pathsOf(rule.suspended(structured(asked))))
  }
  const { open, closed } = servicesOf(engine.facts, type)
  const about = [...open, ...closed]
    .flatMap(({ require }) => require)
    .filter(({ on }) => on === undefined || on.includes(type))
  name(
    'the catalogue',
    about.map(({ property }) => property.replaceAll('.*', '')),
  )
  if (rule?.tagProperty) name('a rule', [rule.tagProperty])
  name('the simulation', [...behaviour.replaceOn, ...Object.keys(behaviour.defaults)])
  return paths
}

/** Where values are, as `spec.services.name`: items of lists are not told apart. */
export function pathsOf(values: Values): string[] {
  const walk = (value: unknown, at: string): string[] => {
    if (value instanceof Secret) return walk(value.value, at)
    if (Array.isArray(value)) return value.length === 0 ? [at] : value.flatMap((one) => walk(one, at))
    if (typeof value !== 'object' || value === null || value instanceof Asset) return value === undefined ? [] : [at]
    const inner = Object.entries(value)
    return inner.length === 0 ? [at] : inner.flatMap(([key, one]) => walk(one, `${at}.${key}`))
  }
  const roots = Object.entries(values).filter(([key, value]) => key !== '__defaults' && value !== undefined)
  return [...new Set(roots.flatMap(([key, value]) => walk(value, key)))]
}

/** Rules may change what they are given; files are no part of what they look at. */
function structured(values: Values): Values {
  const copy = (value: unknown): unknown => {
    if (value instanceof Asset) return value
    if (Array.isArray(value)) return value.map(copy)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copy(inner)]))
  }
  return copy(plain(values)) as Values
}
