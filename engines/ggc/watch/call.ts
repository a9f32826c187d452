import { z } from 'zod'
import { PipiError } from '../../../catalog/errors.ts'
import type { WatchContext } from '../../contract/watch.ts'

type Asking = Pick<WatchContext, 'api'>

/** A list that goes on for more pages than this is not one of ours. */
const MOST_PAGES = 100

const faultSchema = z.object({ error: z.object({ status: z.string().optional(), message: z.string() }) })

/** GET of a Google API. Undefined on 404. Throws `provider.failed` in Google's words. */
export async function call<T>({ api }: Asking, url: string, answer: z.ZodType<T>): Promise<T | undefined> {
  const reply = await api({ method: 'GET', url })
  if (reply.status === 404) return undefined
  const { host, pathname } = new URL(url)
  if (reply.status !== 200) {
    const said = faultSchema.safeParse(reply.body)
    const words = said.success ? `${said.data.error.status ?? ''}: ${said.data.error.message}` : ''
    throw new PipiError('provider.failed', `${host}${pathname} answered ${reply.status} ${words}`, {
      hint:
        reply.status === 403
          ? `switch ${host} on in the project, and let the service account look: see engines/ggc/README.md`
          : 'it is asked again with the next look',
      data: { status: reply.status },
    })
  }
  const parsed = answer.safeParse(reply.body)
  if (!parsed.success)
    throw new PipiError(
      'provider.failed',
      `${host}${pathname}: expected another answer: ${z.prettifyError(parsed.error)}`,
    )
  return parsed.data
}

/** All pages of a list under `key`. */
export async function list<T>(context: Asking, url: string, key: string, item: z.ZodType<T>): Promise<T[]> {
  const pageSchema = z.looseObject({ [key]: z.array(item).nullish(), nextPageToken: z.string().nullish() })
  const all: T[] = []
  let token: string | undefined
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const address = new URL(url)
    if (token !== undefined) address.searchParams.set('pageToken', token)
    const page = await call(context, address.href, pageSchema)
    all.push(...((page?.[key] as T[] | null | undefined) ?? []))
    const next = page?.nextPageToken as string | null | undefined
    if (typeof next !== 'string' || next === '') return all
    token = next
  }
  throw new PipiError('provider.failed', `${url} lists more than ${MOST_PAGES} pages`, { hint: 'look at the project' })
}

/** The project that the engine works in. */
export function projectIn({ credentials }: Pick<WatchContext, 'credentials'>): string {
  const { project } = credentials
  if (project !== undefined && project !== '') return project
  throw new PipiError('input.invalid', 'no project is named', {
    hint: 'set GOOGLE_PROJECT where the platform is started',
  })
}
