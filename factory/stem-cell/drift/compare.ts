import { isDeepStrictEqual } from 'node:util'
import { Asset, plain, Secret, type Values } from '../../../stacks/wire/values.ts'
import type { DriftedProperty } from '../../contract/truth.ts'

export interface Sides {
  inputs: Values
  outputs: Values
}

/** Longer values are cut: a difference is to be read by people. */
const MOST_TEXT = 200
const MOST_PROPERTIES = 50

/**
 * Where a resource differs from what the state holds of it, property by property. `declared` are those that a program
 * gives: a platform fills in more, and changes it as it likes. Of what holds a secret, on either side or in the state
 * (`hidden`), only that it differs is said.
 */
export function differences(before: Sides, after: Sides, hidden: Sides): DriftedProperty[] {
  const texts = [before.inputs, before.outputs, after.inputs, after.outputs].flatMap(secretTexts)
  const found = new Map<string, DriftedProperty>()
  const compare = (was: Values, is: Values, known: Values, declared: (root: string) => boolean) => {
    for (const root of new Set([...Object.keys(was), ...Object.keys(is)])) {
      if (root.startsWith('__')) continue
      for (const leaf of leaves(root, was[root], is[root], known[root])) {
        const seen = found.get(leaf.path)
        found.set(leaf.path, { ...property(leaf, texts), declared: seen?.declared === true || declared(root) })
      }
    }
  }
  const given = new Set(Object.keys(before.inputs))
  // A platform that repeats no inputs when it is read says nothing of them.
  if (Object.keys(after.inputs).length > 0) compare(before.inputs, after.inputs, hidden.inputs, () => true)
  compare(before.outputs, after.outputs, hidden.outputs, (root) => given.has(root))
  return [...found.values()].sort((a, b) => Number(b.declared) - Number(a.declared)).slice(0, MOST_PROPERTIES)
}

interface Leaf {
  path: string
  was: unknown
  is: unknown
  secret: boolean
}

/** The deepest places at which two values differ; below a secret nothing is told apart. */
function leaves(path: string, was: unknown, is: unknown, hidden: unknown): Leaf[] {
  const secret = [was, is, hidden].some((side) => side instanceof Secret)
  const [a, b] = [open(was), open(is)]
  if (isDeepStrictEqual(a, b)) return []
  const h = open(hidden)
  if (!secret && isRecord(a) && isRecord(b)) {
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) =>
      leaves(/^[\w-]+$/.test(key) ? `${path}.${key}` : `${path}["${key}"]`, a[key], b[key], at(h, key)),
    )
  }
  if (!secret && Array.isArray(a) && Array.isArray(b) && a.length === b.length) {
    return a.flatMap((one, index) => leaves(`${path}[${index}]`, one, b[index], at(h, String(index))))
  }
  return [{ path, was: a, is: b, secret: secret || [was, is, hidden].some(holdsSecret) }]
}

function property({ path, was, is, secret }: Leaf, texts: string[]): Omit<DriftedProperty, 'declared'> {
  const said = { ...(was === undefined ? {} : { was: shown(was) }), ...(is === undefined ? {} : { is: shown(is) }) }
  // A value may repeat a secret that is marked elsewhere.
  const repeats = Object.values(said).some((text) => texts.some((one) => text.includes(one)))
  if (secret || repeats) return { path, secret: true }
  return { path, ...cut(said) }
}

function cut(said: { was?: string; is?: string }): { was?: string; is?: string } {
  return Object.fromEntries(
    Object.entries(said).map(([key, text]) => [key, text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text]),
  )
}

function shown(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner instanceof Asset ? `${inner.kind} ${inner.hash?.slice(0, 12) ?? ''}`.trim() : inner,
  )
}

/** Without marks: what is compared is what stands there. An archive is its bytes, wherever its file lies. */
function open(value: unknown): unknown {
  const opened = value instanceof Secret ? plain({ value: value.value }).value : value
  return opened instanceof Asset && opened.hash !== undefined ? new Asset(opened.kind, { hash: opened.hash }) : opened
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}

function holdsSecret(value: unknown): boolean {
  if (value instanceof Secret) return true
  if (Array.isArray(value)) return value.some(holdsSecret)
  return isRecord(value) && Object.values(value).some(holdsSecret)
}

/** Texts of secrets long enough not to be found by chance, as JSON writes them. */
function secretTexts(value: unknown): string[] {
  if (value instanceof Secret) return allTexts(value.value)
  if (Array.isArray(value)) return value.flatMap(secretTexts)
  return isRecord(value) ? Object.values(value).flatMap(secretTexts) : []
}

function allTexts(value: unknown): string[] {
  if (typeof value === 'string') return value.length >= 6 ? [JSON.stringify(value).slice(1, -1)] : []
  if (value instanceof Secret) return allTexts(value.value)
  if (Array.isArray(value)) return value.flatMap(allTexts)
  return isRecord(value) ? Object.values(value).flatMap(allTexts) : []
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Asset) &&
    !(value instanceof Secret)
  )
}
