import { z } from 'zod'
import { PipiError } from '../../../catalog/errors.ts'
import type { WatchContext } from '../../contract/watch.ts'

const faultSchema = z.looseObject({
  errors: z.array(z.looseObject({ message: z.string().optional() })).optional(),
  message: z.string().optional(),
})

/** GET. Undefined on 404. Throws `provider.failed` in IBM's words. */
export async function call<T>(
  { api }: Pick<WatchContext, 'api'>,
  url: string,
  answer: z.ZodType<T>,
  headers: Record<string, string> = {},
): Promise<T | undefined> {
  const { status, body } = await api({ method: 'GET', url, headers })
  if (status === 404) return undefined
  if (status >= 300) {
    const fault = faultSchema.safeParse(body).data
    const says = fault?.errors?.[0]?.message ?? fault?.message ?? ''
    throw new PipiError('provider.failed', `${url} answered ${status}: ${says}`, {
      hint: [401, 403].includes(status)
        ? 'the key needs to view Code Engine, all instances of services, and the billing reports'
        : 'it is asked again with the next look',
      data: { status },
    })
  }
  const parsed = answer.safeParse(body)
  if (parsed.success) return parsed.data
  throw new PipiError('provider.failed', `${url}: expected another answer: ${z.prettifyError(parsed.error)}`)
}
