import { isDeepStrictEqual } from 'node:util'
import { whyUnlike } from '../../../engines/contract/behaviour.ts'
import { plain, type Values } from '../../../stacks/wire/values.ts'
import type { Declared } from '../declared/declared.ts'
import { pathsOf, type UsedType } from '../declared/used.ts'
import { altered } from './altered.ts'
import type { AskedProvider, Checked } from './asked.ts'
import { different, type Finding, notComparable, orSame } from './finding.ts'

/**
 * The plugin's Check and Diff beside the simulation's, with the same inputs: what each fills in, what it refuses, and
 * what it makes anew when one input after the other is another one. Nothing reaches a platform.
 */
export async function compareAnswers(
  used: UsedType,
  plugin: AskedProvider,
  simulation: AskedProvider,
): Promise<Finding[]> {
  const { type } = used
  const found: Finding[] = []
  try {
    for (const one of used.resources) {
      const [there, here] = [await plugin.check(one, one.asked), await simulation.check(one, one.asked)]
      found.push(...defaultsOf(used, one, there, here), ...failuresOf(used, there, here))
      if (there.failures.length > 0 || here.failures.length > 0) continue
      found.push(...(await replacesOf(used, one, { plugin, simulation }, there.inputs, here.inputs)))
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const seen = new Set(found.map(({ behaviour }) => behaviour))
    const rest = (['defaults', 'failures', 'replaces', 'deleteFirst'] as const).filter((one) => !seen.has(one))
    return [...found, ...rest.map((one) => notComparable(type, one, `the question failed: ${why}`))]
  }
  return (['defaults', 'failures', 'replaces', 'deleteFirst'] as const).flatMap((behaviour) =>
    orSame(type, behaviour, unique(found.filter((one) => one.behaviour === behaviour))),
  )
}

function defaultsOf({ type, table }: UsedType, { asked }: Declared, there: Checked, here: Checked): Finding[] {
  const [plugin, simulation] = [filledIn(asked, there.inputs), filledIn(asked, here.inputs)]
  return [...new Set([...plugin.keys(), ...simulation.keys()])].flatMap((path) => {
    const [theirs, ours] = [plugin.get(path), simulation.get(path)]
    if (isDeepStrictEqual(theirs, ours)) return []
    const why = whyUnlike(table, 'defaults', path)
    if (why !== undefined) return [notComparable(type, 'defaults', why, path)]
    const word = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value))
    return [different(type, 'defaults', path, `the plugin fills in ${word(theirs)}, the simulation ${word(ours)}`)]
  })
}

/** What came back beyond what was sent, by path; what providers note for themselves is none of it. */
export function filledIn(asked: Values, checked: Values): Map<string, unknown> {
  const [sent, back] = [plain(asked), plain(checked)]
  const filled = pathsOf(back).filter((path) => !path.split('.').includes('__defaults'))
  return new Map(
    filled.flatMap((path) => {
      const [was, is] = [valueAt(sent, path), valueAt(back, path)]
      return isEmpty(is) || !isEmpty(was) || isDeepStrictEqual(was, is) ? [] : [[path, is] as const]
    }),
  )
}

function failuresOf({ type, table }: UsedType, there: Checked, here: Checked): Finding[] {
  const roots = ({ failures }: Checked) => new Map(failures.map((one) => [rootOf(one.property), one.reason]))
  const [plugin, simulation] = [roots(there), roots(here)]
  return [...new Set([...plugin.keys(), ...simulation.keys()])].flatMap((property) => {
    const [theirs, ours] = [plugin.get(property), simulation.get(property)]
    if ((theirs === undefined) === (ours === undefined)) return []
    const why = whyUnlike(table, 'failures', property)
    if (why !== undefined) return [notComparable(type, 'failures', why, property)]
    const who = theirs === undefined ? 'the simulation' : 'the plugin'
    return [different(type, 'failures', property, `only ${who} refuses it: ${theirs ?? ours}`)]
  })
}

async function replacesOf(
  { type, table }: UsedType,
  one: Declared,
  { plugin, simulation }: { plugin: AskedProvider; simulation: AskedProvider },
  theirOlds: Values,
  ourOlds: Values,
): Promise<Finding[]> {
  const found: Finding[] = []
  const unasked = (await plugin.diff(one, theirOlds, theirOlds)).replaces.map(rootOf)
  for (const path of new Set([...table.replaceOn, ...Object.keys(one.asked)])) {
    const news = altered(one.asked, path)
    if (news === undefined) continue
    const [there, here] = [await plugin.check(one, news), await simulation.check(one, news)]
    const refused = there.failures[0] ?? here.failures[0]
    // That another value is refused says nothing of what replaces.
    if (refused !== undefined) continue
    const theirs = await plugin.diff(one, theirOlds, there.inputs)
    const ours = await simulation.diff(one, ourOlds, here.inputs)
    const root = rootOf(path)
    const [anew, againHere] = [theirs.replaces.map(rootOf).includes(root), ours.replaces.map(rootOf).includes(root)]
    const why =
      whyUnlike(table, 'replaceOn', path) ??
      (unasked.includes(root) ? 'it replaces though nothing has changed' : undefined)
    if (anew !== againHere) {
      const word = (yes: boolean) => (yes ? 'makes another one' : 'changes it in place')
      const says = `the plugin ${word(anew)}, the simulation ${word(againHere)}`
      found.push(
        why === undefined ? different(type, 'replaces', path, says) : notComparable(type, 'replaces', why, path),
      )
    } else if (anew && theirs.deleteBeforeReplace !== ours.deleteBeforeReplace) {
      const says = `the plugin ${first(theirs.deleteBeforeReplace)}, the simulation ${first(ours.deleteBeforeReplace)}`
      const known = whyUnlike(table, 'deleteBeforeReplace', path)
      found.push(
        known === undefined
          ? different(type, 'deleteFirst', path, says)
          : notComparable(type, 'deleteFirst', known, path),
      )
    }
  }
  return found
}

function first(yes: boolean): string {
  return yes ? 'deletes first' : 'makes the new one first'
}

function rootOf(property: string): string {
  return /^[^.[]*/.exec(property)?.[0] ?? property
}

function valueAt(values: unknown, path: string): unknown {
  return path.split('.').reduce((value: unknown, key) => {
    const one = Array.isArray(value) ? value[0] : value
    return typeof one === 'object' && one !== null ? (one as Values)[key] : undefined
  }, values)
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
}

function unique(findings: readonly Finding[]): Finding[] {
  const known = new Map(findings.map((one) => [JSON.stringify([one.property, one.verdict, one.says]), one]))
  return [...known.values()]
}
