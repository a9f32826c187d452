import { z } from 'zod'
import { PipiError } from '../../catalog/errors.ts'
import type { Exchange } from '../contract/watch.ts'

const STS = 'https://sts.us-east-1.amazonaws.com/'
const assumedSchema = z.object({
  AssumeRoleWithWebIdentityResponse: z.object({
    AssumeRoleWithWebIdentityResult: z.object({
      Credentials: z.object({ AccessKeyId: z.string(), SecretAccessKey: z.string(), SessionToken: z.string() }),
    }),
  }),
})
const faultSchema = z.object({ Error: z.object({ Code: z.string().optional(), Message: z.string().optional() }) })

/**
 * A role for an hour, for an identity token that it trusts (AssumeRoleWithWebIdentity): by provider and watch alike, so
 * that both are the same session. Keys are what they are.
 */
const exchange: Exchange = async ({ credentials, send }) => {
  const { roleArn, webIdentityToken, ...rest } = credentials
  if (roleArn === undefined || webIdentityToken === undefined) return rest
  const { status, body } = await send({
    method: 'POST',
    url: STS,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      Action: 'AssumeRoleWithWebIdentity',
      Version: '2011-06-15',
      RoleArn: roleArn,
      RoleSessionName: 'pipi-engine',
      WebIdentityToken: webIdentityToken,
    }).toString(),
  })
  const parsed = assumedSchema.safeParse(body)
  if (status !== 200 || !parsed.success) {
    const { Code = status, Message = '' } = faultSchema.safeParse(body).data?.Error ?? {}
    throw new PipiError('provider.failed', `AWS gave no session of ${roleArn}: ${Code} ${Message}`.trim(), {
      hint: 'look whether the role trusts the issuer, audience and subject of the token, and whether the token is fresh',
    })
  }
  const { Credentials } = parsed.data.AssumeRoleWithWebIdentityResponse.AssumeRoleWithWebIdentityResult
  return {
    ...rest,
    accessKey: Credentials.AccessKeyId,
    secretKey: Credentials.SecretAccessKey,
    token: Credentials.SessionToken,
  }
}

export default exchange
