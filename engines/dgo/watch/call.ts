import { z } from 'zod'
import { PipiError } from '../../../catalog/errors.ts'
import type { ApiAnswer, WatchContext } from '../../contract/watch.ts'

const BASE = 'https://api.digitalocean.com'
/** A team with more pages of one kind than this is not one of ours. */
const MOST_PAGES = 50

type Asking = Pick<WatchContext, 'api'>

/** GET, or POST where there is a body. Undefined on 404. Throws `provider.failed` in DigitalOcean's words. */
export async function call<T>(
  { api }: Asking,
  path: string,
  answer: z.ZodType<T>,
  body?: Record<string, unknown>,
): Promise<T | undefined> {
  const reply = await api({
    method: body === undefined ? 'GET' : 'POST',
    url: `${BASE}${path}`,
    ...(body === undefined ? {} : { body }),
  })
  return reply.status === 404 ? undefined : understood(reply, path, answer)
}

/** All pages of a list under `key`. */
export async function list<T>(context: Asking, path: string, key: string, item: z.ZodType<T>): Promise<T[]> {
  const pageSchema = z.looseObject({
    [key]: z.array(item).nullish(),
    links: z.object({ pages: z.object({ next: z.string().optional() }).optional() }).nullish(),
  })
  const all: T[] = []
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const answer = await call(context, `${path}?page=${page}&per_page=200`, pageSchema)
    all.push(...((answer?.[key] as T[] | null | undefined) ?? []))
    const links = answer?.links as { pages?: { next?: string } } | undefined
    if (links?.pages?.next === undefined) return all
  }
  throw new PipiError('provider.failed', `${path} lists more than ${MOST_PAGES} pages`, { hint: 'look at the team' })
}

const faultSchema = z.looseObject({ id: z.string().optional(), message: z.string().optional() })

function understood<T>(reply: ApiAnswer, path: string, answer: z.ZodType<T>): T {
  if (reply.status >= 300) {
    const said = faultSchema.safeParse(reply.body)
    const { id, message } = said.success ? said.data : {}
    throw new PipiError('provider.failed', `${path} answered ${reply.status} ${id ?? ''}: ${message ?? ''}`, {
      hint: [401, 403].includes(reply.status)
        ? 'the token needs to read the account, its billing, Apps, domains, the registry and Droplets'
        : 'it is asked again with the next look',
      data: { status: reply.status },
    })
  }
  const parsed = answer.safeParse(reply.body)
  if (!parsed.success)
    throw new PipiError('provider.failed', `${path}: expected another answer: ${z.prettifyError(parsed.error)}`)
  return parsed.data
}
