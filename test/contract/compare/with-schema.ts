import { whyUnlike } from '../../../engines/contract/behaviour.ts'
import type { UsedType } from '../declared/used.ts'
import { type PackageSchema, type ResourceSchema, replaces } from '../schema/package-schema.ts'
import { different, type Finding, notComparable, orSame, same } from './finding.ts'

/**
 * One type as the engine uses it, against what its provider's package says of it: that it exists with every input that
 * programs, rules, catalogue and simulation name, that what it requires is given, and that the table of the simulation
 * agrees on what replaces and what is secret.
 */
export function compareWithSchema(used: UsedType, schema: PackageSchema): Finding[] {
  const { type } = used
  const resource = schema.resource(type)
  if (resource === undefined) return [different(type, 'type', type, 'the plugin has no such type')]
  return [
    same(type, 'type'),
    ...orSame(type, 'inputs', unknownInputs(used, schema, resource)),
    ...orSame(type, 'required', missingInputs(used, resource)),
    ...orSame(type, 'replaceOn', differentReplaces(used, schema, resource)),
    ...orSame(type, 'secretOutputs', differentSecrets(used, resource)),
  ]
}

function unknownInputs({ type, paths }: UsedType, schema: PackageSchema, resource: ResourceSchema): Finding[] {
  return [...paths].flatMap(([path, who]) =>
    schema.at(resource, path) === undefined
      ? [different(type, 'inputs', path, `${who} names it, the plugin has no such input`)]
      : [],
  )
}

function missingInputs({ type, resources }: UsedType, resource: ResourceSchema): Finding[] {
  const missing = resource.requiredInputs.flatMap((property) => {
    const without = resources.filter(({ asked }) => asked[property] === undefined)
    return without.map(({ urn }) => [property, urn.split('::').at(-1)] as const)
  })
  return missing.map(([property, name]) =>
    different(type, 'required', property, `the plugin requires it, "${name}" does not give it`),
  )
}

function differentReplaces(used: UsedType, schema: PackageSchema, resource: ResourceSchema): Finding[] {
  const { type, table, paths } = used
  if (!schema.tells.replaces) return [notComparable(type, 'replaceOn', 'the schema does not tell what replaces')]
  const declared = [...paths].flatMap(([path, who]) => (who === 'a program' ? prefixesOf(path) : []))
  return [...new Set([...table.replaceOn, ...declared])].flatMap((path) => {
    const property = schema.at(resource, path)
    if (property === undefined || property === 'open') return []
    const [here, there] = [table.replaceOn.includes(path), replaces(property)]
    // A section that replaces replaces with all that lies in it.
    if (here === there || (here && prefixesOf(path).some((one) => isReplacing(schema, resource, one)))) return []
    if (there && prefixesOf(path).some((one) => table.replaceOn.includes(one))) return []
    const why = whyUnlike(table, 'replaceOn', path)
    if (why !== undefined) return [notComparable(type, 'replaceOn', why, path)]
    const says = `the plugin ${there ? 'makes another one' : 'changes it in place'}, the simulation ${here ? 'makes another one' : 'does not'}`
    return [different(type, 'replaceOn', path, says)]
  })
}

function isReplacing(schema: PackageSchema, resource: ResourceSchema, path: string): boolean {
  const property = schema.at(resource, path)
  return property !== undefined && property !== 'open' && replaces(property)
}

function differentSecrets({ type, table, paths }: UsedType, resource: ResourceSchema): Finding[] {
  const given = new Set([...paths.keys()].map((path) => path.split('.')[0]))
  const secret = Object.entries(resource.properties)
    // An input that nobody gives is nobody's secret.
    .filter(([name, property]) => property.secret === true && (!(name in resource.inputProperties) || given.has(name)))
    .map(([name]) => name)
  const both = new Set([...secret, ...table.secretOutputs])
  return [...both].flatMap((name) => {
    const [here, there] = [table.secretOutputs.includes(name), secret.includes(name)]
    if (here === there) return []
    const why = whyUnlike(table, 'secretOutputs', name)
    if (why !== undefined) return [notComparable(type, 'secretOutputs', why, name)]
    const says = there
      ? 'a secret of the plugin, none of the simulation'
      : 'a secret of the simulation, none of the plugin'
    return [different(type, 'secretOutputs', name, says)]
  })
}

/** `a.b.c`: `a`, `a.b`, `a.b.c`. */
function prefixesOf(path: string): string[] {
  const keys = path.split('.')
  return keys.map((_, at) => keys.slice(0, at + 1).join('.'))
}
