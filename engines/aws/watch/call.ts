import { z } from 'zod'
import { PipiError } from '../../../catalog/errors.ts'
import type { ApiAnswer, WatchContext } from '../../contract/watch.ts'

/** One operation of a service that speaks AWS' JSON protocol. */
export interface Operation<T> {
  url: string
  /** Prefix and name, as `DynamoDB_20120810.ListTables`. */
  target: string
  version: '1.0' | '1.1'
  answer: z.ZodType<T>
}

const faultSchema = z.looseObject({
  __type: z.string().optional(),
  message: z.string().optional(),
  Message: z.string().optional(),
})

/** Calls an operation, and gives what it answers. Throws `provider.failed` in AWS' words. */
export async function callJson<T>(
  { api }: Pick<WatchContext, 'api'>,
  { url, target, version, answer }: Operation<T>,
  body: Record<string, unknown>,
): Promise<T> {
  const reply = await api({
    method: 'POST',
    url,
    headers: { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': target },
    body,
  })
  return understood(reply, target, answer)
}

/** GET of a service that speaks REST, or the query protocol, which answers in JSON when it is asked to. */
export async function callGet<T>(
  { api }: Pick<WatchContext, 'api'>,
  url: string,
  answer: z.ZodType<T>,
): Promise<T | undefined> {
  const reply = await api({ method: 'GET', url })
  return reply.status === 404 ? undefined : understood(reply, url, answer)
}

/** All pages of a list; `next` is what the answer to one page asks for in the next. */
export async function allPages<T>(
  page: (next: string | undefined) => Promise<{ items: T[]; next: string | undefined }>,
): Promise<T[]> {
  const all: T[] = []
  let next: string | undefined
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const one = await page(next)
    all.push(...one.items)
    if (one.next === undefined || one.next === '') return all
    next = one.next
  }
  throw new PipiError('provider.failed', `AWS lists more than ${MOST_PAGES} pages`, { hint: 'look at the account' })
}

const MOST_PAGES = 200

function understood<T>(reply: ApiAnswer, what: string, answer: z.ZodType<T>): T {
  if (reply.status !== 200) {
    const said = faultSchema.safeParse(reply.body)
    const fault = said.success ? said.data : {}
    const type = fault.__type?.replace(/^.*#/, '') ?? `HTTP ${reply.status}`
    throw new PipiError('provider.failed', `${what}: ${type}: ${fault.message ?? fault.Message ?? ''}`, {
      hint: type.includes('AccessDenied')
        ? "allow it in the policy of the engine's user: see engines/aws/README.md"
        : 'it is asked again with the next look',
      data: { status: reply.status, type },
    })
  }
  const parsed = answer.safeParse(reply.body)
  if (!parsed.success)
    throw new PipiError('provider.failed', `${what}: expected another answer: ${z.prettifyError(parsed.error)}`)
  return parsed.data
}
