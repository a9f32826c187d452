import type { ApiCall, ApiReply, ApiWorld } from '../../../../stacks/contract/sandbox.ts'
import { refused } from '../refusal.ts'

const GRANT = 'urn:ibm:params:oauth:grant-type:apikey'
const LIVES_S = 3600

/** A token for whoever shows an API key, and what a key is. */
export async function iam(call: ApiCall, world: ApiWorld): Promise<ApiReply | undefined> {
  switch (`${call.method} ${call.path}`) {
    case 'POST /identity/token': {
      const asked = new URLSearchParams(typeof call.body === 'string' ? call.body : '')
      if (asked.get('grant_type') !== GRANT) return refused(400, 'BXNIM0101E', 'Unsupported grant type.')
      const now = Math.floor(Date.now() / 1000)
      return {
        status: 200,
        body: {
          access_token: tokenOf(world.cloudAccount, now),
          refresh_token: 'not_supported',
          token_type: 'Bearer',
          expires_in: LIVES_S,
          expiration: now + LIVES_S,
          scope: 'ibm openid',
        },
      }
    }
    case 'GET /v1/apikeys/details':
      return {
        status: 200,
        body: {
          id: 'ApiKey-sandbox',
          account_id: world.cloudAccount,
          iam_id: 'IBMid-sandbox',
          name: 'engine',
          locked: false,
          disabled: false,
        },
      }
  }
  return undefined
}

/** The account of a token that was given here. */
export function accountOfToken(authorization: string | undefined): string | undefined {
  const [, claims] = /^Bearer [\w-]+\.([\w-]+)\.sandbox$/i.exec(authorization ?? '') ?? []
  if (claims === undefined) return undefined
  const { account, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')) as {
    account?: { bss?: string }
    exp?: number
  }
  return (exp ?? 0) * 1000 > Date.now() ? account?.bss : undefined
}

/** For an hour from `now` (seconds) on. */
export function tokenOf(account: string, now: number): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { iam_id: 'IBMid-sandbox', account: { valid: true, bss: account }, iat: now, exp: now + LIVES_S }
  return `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}.sandbox`
}
