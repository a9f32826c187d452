import { z } from 'zod'
import { PipiError } from '../../catalog/errors.ts'
import type { ApiAnswer, Exchange } from '../contract/watch.ts'
import { keyAlone } from './key-alone.ts'

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform'
const TYPES = 'urn:ietf:params:oauth:token-type'
const federatedSchema = z.object({ access_token: z.string() })
const actingSchema = z.object({ accessToken: z.string() })
const faultSchema = z.object({
  error: z.union([z.string(), z.object({ message: z.string() })]),
  error_description: z.string().optional(),
})

/**
 * An hour as a service account, for an identity token that a workload identity pool trusts; provider and watch take the
 * same access token. Of a service account's key only what makes it one is handed on.
 */
const exchange: Exchange = async ({ credentials, send }) => {
  const { workloadIdentityProvider, serviceAccount, oidcToken, ...rest } = credentials
  if (workloadIdentityProvider === undefined || serviceAccount === undefined || oidcToken === undefined) {
    return rest.credentials === undefined ? rest : { ...rest, credentials: keyAlone(rest.credentials) }
  }
  const federated = read(
    'the workload identity pool',
    await send({
      method: 'POST',
      url: 'https://sts.googleapis.com/v1/token',
      body: {
        grantType: 'urn:ietf:params:oauth:grant-type:token-exchange',
        audience: `//iam.googleapis.com/${workloadIdentityProvider}`,
        scope: SCOPE,
        requestedTokenType: `${TYPES}:access_token`,
        subjectToken: oidcToken,
        subjectTokenType: `${TYPES}:jwt`,
      },
    }),
    federatedSchema,
  )
  const acting = read(
    serviceAccount,
    await send({
      method: 'POST',
      url: `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${encodeURIComponent(serviceAccount)}:generateAccessToken`,
      headers: { authorization: `Bearer ${federated.access_token}` },
      body: { scope: [SCOPE], lifetime: '3600s' },
    }),
    actingSchema,
  )
  return { ...rest, accessToken: acting.accessToken }
}

export default exchange

function read<T>(whose: string, { status, body }: ApiAnswer, form: z.ZodType<T>): T {
  const parsed = form.safeParse(body)
  if (status === 200 && parsed.success) return parsed.data
  const fault = faultSchema.safeParse(body).data
  const said = fault?.error_description ?? (typeof fault?.error === 'string' ? fault.error : fault?.error.message) ?? ''
  throw new PipiError('provider.failed', `Google gave no token of ${whose}: ${status} ${said}`.trim(), {
    hint: 'look whether the pool trusts the issuer, audience and subject of the token, and whether it may act as the service account',
  })
}
