import { createHash } from 'node:crypto'
import type { ApiCall } from '../../../stacks/contract/sandbox.ts'

/** Who a function is while it runs: its role under its own name. */
export interface Session {
  account: string
  role: string
  name: string
}

/** What Lambda tells a function of its keys. The token says whose they are, to the sandbox only. */
export function keysOf(session: Session): Record<string, string> {
  const token = Buffer.from(JSON.stringify(session)).toString('base64url')
  const hash = createHash('sha256').update(token).digest('hex').toUpperCase()
  return {
    AWS_ACCESS_KEY_ID: `ASIA${hash.slice(0, 16)}`,
    AWS_SECRET_ACCESS_KEY: hash.slice(16, 56),
    AWS_SESSION_TOKEN: token,
  }
}

/** The session whose token a call carries; undefined: it carries none. */
export function sessionOf({ headers }: ApiCall): Session | undefined {
  const token = headers['x-amz-security-token']
  if (token === undefined) return undefined
  try {
    const { account, role, name } = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as Partial<Session>
    return account === undefined || role === undefined || name === undefined ? undefined : { account, role, name }
  } catch {
    // Not one of ours: refused by the caller, as an unknown token is.
    return undefined
  }
}

export function arnOf({ account, role, name }: Session): string {
  return `arn:aws:sts::${account}:assumed-role/${role}/${name}`
}
