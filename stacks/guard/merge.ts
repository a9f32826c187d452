import { isDeepStrictEqual } from 'node:util'
import { hasSecret, plain, Secret, UNKNOWN, type Values } from '../wire/values.ts'

/** Only what was left out is added: what the program set, secret or unknown included, is never overwritten. */
export function addMissing(original: Values, filled: Values): Values {
  const result: Values = { ...original }
  for (const [key, value] of Object.entries(filled)) {
    result[key] = add(original[key], value)
  }
  return result
}

function add(was: unknown, filled: unknown): unknown {
  if (was === undefined) return filled
  if (isRecord(was) && isRecord(filled)) return addMissing(was, filled)
  if (Array.isArray(was) && Array.isArray(filled) && was.length === filled.length)
    return was.map((item, at) => add(item, filled[at]))
  return was
}

/**
 * `original` with what differs in `wanted`, which is plain. What stays keeps its marks (secret, unknown); what takes a
 * secret's place is secret as well.
 */
export function putInPlace(original: Values, wanted: Values): Values {
  const result: Values = {}
  for (const key of new Set([...Object.keys(original), ...Object.keys(wanted)])) {
    // An unknown is left out in what a rule is given, and stays.
    if (!(key in wanted) && original[key] !== UNKNOWN) continue
    result[key] = put(original[key], wanted[key])
  }
  return result
}

function put(was: unknown, now: unknown): unknown {
  if (was === UNKNOWN) return now === undefined ? UNKNOWN : now
  if (isRecord(was) && isRecord(now)) return putInPlace(was, now)
  if (Array.isArray(was) && Array.isArray(now) && was.length === now.length)
    return was.map((item, at) => put(item, now[at]))
  if (isDeepStrictEqual(plain({ was }).was, now)) return was
  return hasSecret(was) ? new Secret(now) : now
}

function isRecord(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
