import { z } from 'zod'

/** Query of every list: `cursor` is what the page before gave as `next`. */
export const pageQuerySchema = z.object({
  cursor: z.string().min(1).max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

export function pageSchema<S extends z.ZodType>(item: S) {
  return z.object({ items: z.array(item), next: z.string().nullable() })
}

/** The end of a list is said, not left out. */
export function toPage<T>(page: { items: T[]; next?: string }): { items: T[]; next: string | null } {
  return { items: page.items, next: page.next ?? null }
}
