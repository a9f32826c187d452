import type { ApiReply, Json } from '../../../../stacks/contract/sandbox.ts'

export function ok(body: Json): ApiReply {
  return { status: 200, body }
}

/** As Google's APIs word an error. */
export function refused(code: number, status: string, message: string): ApiReply {
  return { status: code, body: { error: { code, message, status } } }
}

/** One page of a list, and the token of the next. */
export function page<T>(
  all: T[],
  { pageToken, size }: { pageToken: string | undefined; size: number },
): { items: T[]; more: { nextPageToken?: string } } {
  const from = Number(pageToken ?? 0)
  const next = from + size < all.length ? { nextPageToken: String(from + size) } : {}
  return { items: all.slice(from, from + size), more: next }
}
