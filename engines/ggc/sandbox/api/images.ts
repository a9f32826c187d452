import type { ApiCall, ApiReply, ApiWorld } from '../../../../stacks/contract/sandbox.ts'
import { denied, registry } from '../../../parts/sandbox/registry.ts'
import { OWN } from '../../own-types.ts'
import { accountOf } from '../identify.ts'
import { placeOfRepository, REPOSITORY } from '../images.ts'
import { ok, refused } from './reply.ts'
import { accountOfToken, projectOfToken, tokenOfProject } from './tokens.ts'

const HOST = /^[a-z0-9-]+-docker\.pkg\.dev$/
const TOKENS = '/v2/token'
/** One layer at most: more than that is no image for a free place. */
const MOST_BYTES = 512 * 1024 * 1024

export function isRegistry(host: string): boolean {
  return HOST.test(host)
}

export function mostBytes(host: string): number | undefined {
  return isRegistry(host) ? MOST_BYTES : undefined
}

/** Whose call it is; who comes without a proof is nobody yet, and told where to get one. */
export function callerOfRegistry({ headers }: ApiCall): string | ApiReply {
  if (headers.authorization === undefined) return ''
  const project = projectOfProof(headers.authorization)
  if (project !== undefined) return accountOf(project)
  return accountOfToken(headers.authorization) === undefined
    ? refused(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.')
    : denied('Permission "artifactregistry.repositories.downloadArtifacts" denied on resource')
}

/** Artifact Registry as Docker's clients see it: its token service, and the registry itself. */
export async function images(call: ApiCall, world: ApiWorld): Promise<ApiReply> {
  if (call.path === TOKENS) {
    const project = projectOfProof(call.headers.authorization)
    return project === undefined
      ? refused(401, 'UNAUTHENTICATED', 'Unauthenticated request.')
      : ok({ token: tokenOfProject(project), expires_in: 3600 })
  }
  return registry(call, world, {
    engine: 'ggc',
    type: OWN.image,
    tokens: TOKENS,
    async refuses(name) {
      const place = `${call.host}/${name.split('/').slice(0, 2).join('/')}`
      const found = (await world.list(REPOSITORY)).some(({ id }) => placeOfRepository(id) === place)
      if (found) return undefined
      const errors = [{ code: 'NAME_UNKNOWN', message: `Repository "${name.split('/')[1]}" not found` }]
      return { status: 404, body: { errors } }
    },
  })
}

/** The project of a service account's key or of a token, whichever came as the password, or of the token that came. */
function projectOfProof(authorization: string | undefined): string | undefined {
  const [, basic] = /^Basic (.+)$/.exec(authorization ?? '') ?? []
  if (basic === undefined) return projectOfToken(authorization)
  const [, user, password = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(basic, 'base64').toString('utf8')) ?? []
  if (user === 'oauth2accesstoken') return projectOfToken(`Bearer ${password}`)
  return user === '_json_key' ? projectOfKey(password) : undefined
}

function projectOfKey(key: string): string | undefined {
  try {
    const { client_email: email } = JSON.parse(key) as { client_email?: string }
    return /^[^@]+@([a-z][a-z0-9-]+)\.iam\.gserviceaccount\.com$/.exec(email ?? '')?.[1]
  } catch {
    // No key: refused by the caller.
    return undefined
  }
}
