import type { FastifyInstance, FastifyRequest } from 'fastify'
import { PipiError } from '../../catalog/errors.ts'
import type { ApiContext } from './context.ts'

export type Role = 'owner' | 'deployer' | 'viewer'

export interface Caller {
  account: string
  /** Id of the token, for the audit trail. */
  token: string
  role: Role
  /** The owner at this machine itself, no proxy between: may name folders of this host. */
  local: boolean
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call the route: `public`, or the least role. */
    access?: 'public' | Role
  }
  interface FastifyRequest {
    caller: Caller | undefined
  }
}

const RANK: Record<Role, number> = { viewer: 0, deployer: 1, owner: 2 }

/** Every route says in its `config.access` who may call it; one that says nothing is the owner's. */
export function authentication(server: FastifyInstance, context: ApiContext): void {
  server.decorateRequest('caller', undefined)
  server.addHook('onRequest', async (request) => {
    // A path that does not exist needs no token to be told so.
    if (request.is404) return
    const access = request.routeOptions.config.access ?? 'owner'
    if (access === 'public') return
    const token = bearer(request)
    const known = await context.authenticate(token)
    if (!known)
      throw new PipiError('not-authenticated', 'this token is not known, has expired or was revoked', { hint: HINT })
    if (RANK[known.role] < RANK[access]) {
      throw new PipiError('not-allowed', `this takes the role ${access}; your token has ${known.role}`, {
        hint: 'ask the owner of the account for another token',
      })
    }
    request.caller = { ...known, local: known.role === 'owner' && isLocal(request) }
  })
}

/** Who calls: the hook above has made sure of it on every route that is not public. */
export function callerOf(request: FastifyRequest): Caller {
  if (!request.caller) throw new PipiError('not-authenticated', 'no caller is known', { hint: HINT })
  return request.caller
}

const HINT = 'send "Authorization: Bearer TOKEN"; the owner\'s token is in the file owner-token of the data folder'

function bearer(request: FastifyRequest): string {
  const match = /^Bearer ([\x21-\x7e]{1,200})$/i.exec(request.headers.authorization ?? '')
  if (!match?.[1]) throw new PipiError('not-authenticated', 'no token was sent', { hint: HINT })
  return match[1]
}

/** From this machine, and not on behalf of another: a proxy says so in its headers. */
function isLocal(request: FastifyRequest): boolean {
  const address = request.socket.remoteAddress ?? ''
  const loopback = address === '::1' || /^(::ffff:)?127\./.test(address)
  return loopback && request.headers['x-forwarded-for'] === undefined && request.headers.forwarded === undefined
}
