import { Asset, Secret, type Values } from '../../../stacks/wire/values.ts'

/** The same inputs with another value at a path; undefined where nobody can say what else would make sense there. */
export function altered(inputs: Values, path: string): Values | undefined {
  const [first = '', ...rest] = path.split('.')
  if (!(first in inputs)) return undefined
  const other = otherThan(inputs[first], rest)
  return other === undefined ? undefined : { ...inputs, [first]: other }
}

function otherThan(value: unknown, path: readonly string[]): unknown {
  if (value instanceof Secret) {
    const other = otherThan(value.value, path)
    return other === undefined ? undefined : new Secret(other)
  }
  if (Array.isArray(value)) {
    const other = value.length === 0 ? undefined : otherThan(value[0], path)
    return other === undefined ? undefined : [other, ...value.slice(1)]
  }
  if (typeof value === 'object' && value !== null && !(value instanceof Asset)) return inside(value as Values, path)
  return path.length > 0 ? undefined : anotherWord(value)
}

function inside(value: Values, [key, ...rest]: readonly string[]): Values | undefined {
  const keys = key === undefined ? Object.keys(value) : [key]
  for (const one of keys) {
    const other = one in value ? otherThan(value[one], rest) : undefined
    if (other !== undefined) return { ...value, [one]: other }
  }
  return undefined
}

function anotherWord(value: unknown): unknown {
  if (typeof value === 'boolean') return !value
  if (typeof value === 'number') return value + 1
  // A file, or what is not known.
  if (typeof value !== 'string') return undefined
  if (/^\d+$/.test(value)) return String(Number(value) + 1)
  // A document in a text: any change of ours could break it.
  if (/^[[{]/.test(value)) return undefined
  const last = /^(.*[A-Za-z0-9/_.-])?([A-Za-z0-9])([^A-Za-z0-9]*)$/s.exec(value)
  if (last === null) return undefined
  const [, before = '', letter = '', after = ''] = last
  return `${before}${'azAZ09'.includes(letter) ? BESIDE[letter] : String.fromCharCode(letter.charCodeAt(0) + 1)}${after}`
}

const BESIDE: Record<string, string> = { a: 'b', z: 'y', A: 'B', Z: 'Y', '0': '1', '9': '8' }
