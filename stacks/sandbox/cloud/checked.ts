import { isDeepStrictEqual } from 'node:util'
import type { Json } from '../../contract/sandbox.ts'
import { Secret, UNKNOWN, type Values } from '../../wire/values.ts'

/**
 * Brings what a resource type's check gave back together with what was sent: a value that it did not change keeps its
 * wrapper (secret, unknown, asset), and what it left out stays.
 */
export function checkedInputs(sent: Values, seen: Json, given: Json): Values {
  const result: Values = { ...sent }
  for (const [key, value] of Object.entries(given)) result[key] = checked(sent[key], seen[key], value)
  return result
}

function checked(sent: unknown, seen: unknown, given: unknown): unknown {
  if (sent === UNKNOWN || (sent !== undefined && isDeepStrictEqual(seen, given))) return sent
  if (sent instanceof Secret) return new Secret(checked(sent.value, seen, given))
  if (isRecord(sent) && isRecord(seen) && isRecord(given)) return checkedInputs(sent, seen, given)
  return given
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
