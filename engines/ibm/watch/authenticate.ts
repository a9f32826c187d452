import { z } from 'zod'
import { PipiError } from '../../../catalog/errors.ts'
import type { Authenticate } from '../../contract/watch.ts'

const TOKENS = 'https://iam.cloud.ibm.com/identity/token'
const tokenSchema = z.object({ access_token: z.string() })
const faultSchema = z.looseObject({ errorMessage: z.string().optional() })

/** A token for an hour, got once for each look for the API key of the engine. */
const authenticate: Authenticate = ({ credentials: { apikey }, send }) => {
  if (apikey === undefined)
    throw new PipiError('input.invalid', 'IBM Cloud is asked with an API key, and there is none', {
      hint: 'set IBMCLOUD_API_KEY where the platform is started',
    })
  let token: Promise<string> | undefined
  return async () => {
    token ??= exchange(apikey, send)
    return { authorization: `Bearer ${await token}` }
  }
}

export default authenticate

async function exchange(apikey: string, send: Parameters<Authenticate>[0]['send']): Promise<string> {
  const { status, body } = await send({
    method: 'POST',
    url: TOKENS,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ grant_type: 'urn:ibm:params:oauth:grant-type:apikey', apikey }).toString(),
  })
  const parsed = tokenSchema.safeParse(body)
  if (status === 200 && parsed.success) return parsed.data.access_token
  const said = faultSchema.safeParse(body).data?.errorMessage ?? ''
  throw new PipiError('provider.failed', `IBM Cloud gave no token for the API key: ${status} ${said}`.trim(), {
    hint: 'look whether the key is still there and not locked',
  })
}
