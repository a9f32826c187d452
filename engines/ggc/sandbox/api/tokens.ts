import type { ApiCall, ApiReply, Json } from '../../../../stacks/contract/sandbox.ts'
import { ok } from './reply.ts'

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const PREFIX = 'ya29.sandbox.'
const LONGEST_S = 3600
const OF_A_FUNCTION = 'ya29.inside.'

/** The token that the metadata server gives whatever runs as a service account. */
export function tokenFor(email: string): string {
  return `${OF_A_FUNCTION}${Buffer.from(email).toString('base64url')}`
}

/** The service account that a running function's token names; undefined: it is not one of those. */
export function accountOfToken(authorization: string | undefined): string | undefined {
  const token = authorization?.startsWith(`Bearer ${OF_A_FUNCTION}`) ? authorization.split('.').at(-1) : undefined
  return token === undefined ? undefined : Buffer.from(token, 'base64url').toString('utf8')
}

/** A token for whoever shows an assertion in the right form. What it is signed with is not looked at. */
export async function token({ body, path }: ApiCall): Promise<ApiReply> {
  const asked = new URLSearchParams(typeof body === 'string' ? body : '')
  if (path !== '/token' || asked.get('grant_type') !== GRANT)
    return wrong('unsupported_grant_type', 'Invalid grant_type')
  const [head, claims] = (asked.get('assertion') ?? '').split('.').map(decoded)
  const email = String(claims?.iss ?? '')
  const project = /^[^@]+@([a-z][a-z0-9-]+)\.iam\.gserviceaccount\.com$/.exec(email)?.[1]
  if (head?.alg !== 'RS256' || claims?.aud !== 'https://oauth2.googleapis.com/token' || claims.scope === undefined)
    return wrong('invalid_grant', 'Invalid JWT: it must be signed with RS256, for this address and a scope')
  if (!(Number(claims.exp) - Number(claims.iat) <= LONGEST_S))
    return wrong('invalid_grant', 'Invalid JWT: Token must be a short-lived token (60 minutes)')
  if (project === undefined) return wrong('invalid_grant', 'Invalid grant: account not found')
  return ok({ access_token: tokenOfProject(project), expires_in: 3599, token_type: 'Bearer' })
}

export function tokenOfProject(project: string): string {
  return `${PREFIX}${project}`
}

/** The project whose service account got a token. */
export function projectOfToken(authorization: string | undefined): string | undefined {
  const [, project] =
    new RegExp(`^Bearer ${PREFIX.replaceAll('.', '\\.')}([a-z][a-z0-9-]+)$`).exec(authorization ?? '') ?? []
  return project
}

function wrong(error: string, error_description: string): ApiReply {
  return { status: 400, body: { error, error_description } }
}

function decoded(part: string): Json | undefined {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Json
  } catch {
    // The signature, or nonsense: refused by the caller.
    return undefined
  }
}
