import { z } from 'zod'
import { PipiError } from '../../../catalog/errors.ts'
import type { WatchContext } from '../../contract/watch.ts'

const HOST = 'https://management.azure.com'
const tokenSchema = z.object({ token: z.string().min(1) })

/** Azure Resource Manager, with a token that the provider gives from the engine's own credentials. */
export async function openManager({ platform, api }: Pick<WatchContext, 'platform' | 'api'>) {
  const given = await platform.invoke('azure-native:authorization:getClientToken', { endpoint: `${HOST}/` })
  const { token } = tokenSchema.parse(given)
  const ask = async <T>(
    method: 'GET' | 'POST',
    path: string,
    version: string,
    form: z.ZodType<T>,
    body?: unknown,
  ): Promise<T> => {
    const answer = await api({
      method,
      url: `${HOST}${path}${path.includes('?') ? '&' : '?'}api-version=${version}`,
      headers: { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body }),
    })
    const parsed = form.safeParse(answer.body)
    if (answer.status === 200 && parsed.success) return parsed.data
    throw new PipiError('provider.failed', `${path} answered ${answer.status} with something else than expected`, {
      hint: 'try again later; the engine needs the role "Reader" at the subscription',
    })
  }
  return {
    get: <T>(path: string, version: string, form: z.ZodType<T>) => ask('GET', path, version, form),
    post: <T>(path: string, version: string, form: z.ZodType<T>, body: unknown) =>
      ask('POST', path, version, form, body),
  }
}
