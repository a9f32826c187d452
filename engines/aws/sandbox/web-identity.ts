import { createHash } from 'node:crypto'
import type { ApiCall, ApiReply } from '../../../stacks/contract/sandbox.ts'
import { identityIn } from '../../parts/sandbox/oidc.ts'

const ACTION = 'AssumeRoleWithWebIdentity'
const PREFIX = 'web-identity.'

/** Somebody who acts as a role by a token of another's. */
export interface Assumed {
  account: string
  role: string
}

/** What a call asks of STS, where it asks for a role: nothing signs it but the token. */
function askedOf({ host, body }: ApiCall): URLSearchParams | undefined {
  if (!host.startsWith('sts.') || typeof body !== 'string') return undefined
  const asked = new URLSearchParams(body)
  return asked.get('Action') === ACTION ? asked : undefined
}

/** The account whose role is asked for, or why it is not given; undefined: no role is asked for. */
export function callerByToken(call: ApiCall): string | ApiReply | undefined {
  const asked = askedOf(call)
  if (asked === undefined) return undefined
  const role = /^arn:aws:iam::(\d{12}):role\/([\w+=,.@/-]+)$/.exec(asked.get('RoleArn') ?? '')
  const known = identityIn(asked.get('WebIdentityToken'), 'sts.amazonaws.com')
  if ('problem' in known) return refused('InvalidIdentityToken', known.problem)
  return role?.[1] ?? refused('AccessDenied', `Not authorized to perform sts:${ACTION}`)
}

/** The role's keys for an hour; undefined: no role is asked for. */
export function assumeRole(call: ApiCall): ApiReply | undefined {
  const asked = askedOf(call)
  if (asked === undefined) return undefined
  const [, account = '', role = ''] = /^arn:aws:iam::(\d{12}):role\/(.+)$/.exec(asked.get('RoleArn') ?? '') ?? []
  const token = `${PREFIX}${Buffer.from(JSON.stringify({ account, role } satisfies Assumed)).toString('base64url')}`
  const hash = createHash('sha256').update(token).digest('hex').toUpperCase()
  const Credentials = {
    AccessKeyId: `ASIA${hash.slice(0, 16)}`,
    SecretAccessKey: hash.slice(16, 56),
    SessionToken: token,
    Expiration: Math.round(Date.now() / 1000) + 3600,
  }
  return {
    status: 200,
    body: { AssumeRoleWithWebIdentityResponse: { AssumeRoleWithWebIdentityResult: { Credentials } } },
  }
}

/** Whose session a token is; undefined: it is none of these. */
export function assumedBy(token: unknown): Assumed | undefined {
  if (typeof token !== 'string' || !token.startsWith(PREFIX)) return undefined
  return JSON.parse(Buffer.from(token.slice(PREFIX.length), 'base64url').toString('utf8')) as Assumed
}

function refused(Code: string, Message: string): ApiReply {
  return { status: 400, body: { Error: { Type: 'Sender', Code, Message } } }
}
