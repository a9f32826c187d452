import { z } from 'zod'
import { PipiError } from '../../../catalog/errors.ts'
import type { WatchContext } from '../../contract/watch.ts'

const faultSchema = z.looseObject({
  errors: z.array(z.looseObject({ message: z.string().optional() })).optional(),
  message: z.string().optional(),
})

/** GET, or the POST of a question. Undefined on 404. Throws `provider.failed` in IBM's words. */
export async function call<T>(
  { api }: Pick<WatchContext, 'api'>,
  url: string,
  answer: z.ZodType<T>,
  { headers = {}, question }: { headers?: Record<string, string>; question?: unknown } = {},
): Promise<T | undefined> {
  const asking = question === undefined ? { method: 'GET' as const } : { method: 'POST' as const, body: question }
  const { status, body } = await api({ ...asking, url, headers })
  if (status === 404) return undefined
  if (status >= 300) {
    const fault = faultSchema.safeParse(body).data
    const says = fault?.errors?.[0]?.message ?? fault?.message ?? ''
    throw new PipiError('provider.failed', `${url} answered ${status}: ${says}`, {
      hint: [401, 403].includes(status)
        ? 'the key needs to view Code Engine, the registry, all instances of services, and the billing reports'
        : 'it is asked again with the next look',
      data: { status },
    })
  }
  const parsed = answer.safeParse(body)
  if (parsed.success) return parsed.data
  throw new PipiError('provider.failed', `${url}: expected another answer: ${z.prettifyError(parsed.error)}`)
}
