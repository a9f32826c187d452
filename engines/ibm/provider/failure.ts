import { z } from 'zod'
import type { Call } from './cloud.ts'

/** What the SDK throws: an error with the answer's status and headers where there was one. */
const failedSchema = z.looseObject({
  status: z.number().optional().catch(undefined),
  headers: z.looseObject({ 'retry-after': z.coerce.number().optional().catch(undefined) }).catch({}),
})
/** What IBM says; the SDK puts words of its own over every 401 and 403. */
const saidSchema = z.looseObject({ errors: z.tuple([z.looseObject({ message: z.string() })], z.unknown()) })
/** A platform that asks for more patience than this is asked by the next run instead. */
const LONGEST_WAIT_MS = 30_000

/** HTTP status of what the SDK threw; undefined: no answer came. */
export function statusOf(error: unknown): number | undefined {
  return failedSchema.safeParse({ ...fieldsOf(error) }).data?.status
}

/** Milliseconds that the platform asked to wait, where it did. */
export function waitOf(error: unknown): number | undefined {
  const { headers } = fieldsOf(error)
  const asked = failedSchema.safeParse({ headers: { ...Object(headers) } }).data?.headers['retry-after']
  return asked === undefined || asked < 0 ? undefined : Math.min(asked * 1000, LONGEST_WAIT_MS)
}

/** In words that say which request it was. */
export function failureOf(error: unknown, { method, url }: Call): Error {
  const status = statusOf(error)
  const said = saidSchema.safeParse(fieldsOf(error).result).data?.errors[0].message
  const message = said ?? (error instanceof Error ? error.message : String(error))
  return new Error(`${method} ${url}: ${status ?? 'no answer came:'} ${message}`.trim(), { cause: error })
}

function fieldsOf(error: unknown): Record<string, unknown> {
  return typeof error === 'object' && error !== null ? { ...error } : {}
}
