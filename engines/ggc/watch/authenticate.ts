import { importPKCS8, SignJWT } from 'jose'
import { z } from 'zod'
import { PipiError } from '../../../catalog/errors.ts'
import type { Authenticate } from '../../contract/watch.ts'

const TOKENS = 'https://oauth2.googleapis.com/token'
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform'

const keySchema = z.object({
  type: z.literal('service_account'),
  client_email: z.string(),
  private_key: z.string(),
  private_key_id: z.string().optional(),
})
const tokenSchema = z.object({ access_token: z.string() })

/**
 * A token for an hour: the one that came of an exchange, else got once for each look with what the service account's key
 * signs (OAuth 2.0, JWT bearer).
 */
const authenticate: Authenticate = ({ credentials, send }) => {
  const { accessToken } = credentials
  if (accessToken !== undefined) return async () => ({ authorization: `Bearer ${accessToken}` })
  const key = keyOf(credentials.credentials)
  let token: Promise<string> | undefined
  const headers = async (): Promise<Record<string, string>> => {
    token ??= exchange(key, send)
    return { authorization: `Bearer ${await token}` }
  }
  return headers
}

export default authenticate

async function exchange(key: z.infer<typeof keySchema>, send: Parameters<Authenticate>[0]['send']): Promise<string> {
  const assertion = await new SignJWT({ scope: SCOPE })
    .setProtectedHeader({
      alg: 'RS256',
      typ: 'JWT',
      ...(key.private_key_id === undefined ? {} : { kid: key.private_key_id }),
    })
    .setIssuer(key.client_email)
    .setAudience(TOKENS)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(await importPKCS8(key.private_key, 'RS256'))
  const { status, body } = await send({
    method: 'POST',
    url: TOKENS,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }).toString(),
  })
  const parsed = tokenSchema.safeParse(body)
  if (status === 200 && parsed.success) return parsed.data.access_token
  const said = z.looseObject({ error_description: z.string() }).safeParse(body)
  throw new PipiError(
    'provider.failed',
    `Google gave no token to ${key.client_email}: ${status} ${said.success ? said.data.error_description : ''}`,
    { hint: 'look whether the service account and its key are still there' },
  )
}

function keyOf(credentials: string | undefined): z.infer<typeof keySchema> {
  const parsed = keySchema.safeParse(parseJson(credentials))
  if (parsed.success) return parsed.data
  throw new PipiError('input.invalid', 'Google Cloud is asked with the key of a service account, and there is none', {
    hint: 'GOOGLE_CREDENTIALS takes the JSON of such a key, with "client_email" and "private_key"',
  })
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    // Said by the caller, without a word of what may be a secret.
    return undefined
  }
}
