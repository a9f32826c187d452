import { z } from 'zod'

/** Ids and cursors are printable: a database takes nothing else. */
export const printableSchema = z.string().regex(/^[\x21-\x7e]{1,100}$/, '1 to 100 printable characters')

/** Query of every list: `cursor` is what the page before gave as `next`. */
export const pageQuerySchema = z.object({
  cursor: printableSchema.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

export function pageSchema<S extends z.ZodType>(item: S) {
  return z.object({ items: z.array(item), next: z.string().nullable() })
}

/** The end of a list is said, not left out. */
export function toPage<T>(page: { items: T[]; next?: string }): { items: T[]; next: string | null } {
  return { items: page.items, next: page.next ?? null }
}

/** Headers of what may be sent twice and is done once. */
export const idempotencySchema = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x20-\x7e]{1,200}$/, '1 to 200 printable characters')
    .optional(),
})
