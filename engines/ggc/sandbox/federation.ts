import type { ApiCall, ApiReply } from '../../../stacks/contract/sandbox.ts'
import { identityIn } from '../../parts/sandbox/oidc.ts'
import { tokenOfProject } from './api/tokens.ts'

const STS = 'sts.googleapis.com'
const ACTING = 'iamcredentials.googleapis.com'
const FEDERATED = 'ya29.federated'
const POOL =
  /^\/\/iam\.googleapis\.com\/projects\/\d+\/locations\/global\/workloadIdentityPools\/[a-z0-9-]+\/providers\/[a-z0-9-]+$/

/** Whether a call is about getting a token by workload identity federation, with another proof than a token of Google's. */
export function isFederation({ host }: ApiCall): boolean {
  return host === STS || host === ACTING
}

/** A token of the pool for an identity token that it trusts, and with that a token of a service account. */
export function federation(call: ApiCall): ApiReply {
  return call.host === STS ? exchanged(call) : acting(call)
}

function exchanged({ path, body }: ApiCall): ApiReply {
  const asked = (body ?? {}) as Record<string, unknown>
  if (path !== '/v1/token' || asked.grantType !== 'urn:ietf:params:oauth:grant-type:token-exchange')
    return wrong('unsupported_grant_type', 'Invalid grantType')
  const audience = String(asked.audience)
  if (!POOL.test(audience)) return wrong('invalid_target', 'The target service indicated by the "audience" is invalid')
  const known = identityIn(asked.subjectToken, `https:${audience}`)
  if ('problem' in known) return wrong('invalid_grant', known.problem)
  return { status: 200, body: { access_token: FEDERATED, token_type: 'Bearer', expires_in: 3599 } }
}

function acting({ path, headers }: ApiCall): ApiReply {
  const email = decodeURIComponent(
    /^\/v1\/projects\/-\/serviceAccounts\/([^/:]+):generateAccessToken$/.exec(path)?.[1] ?? '',
  )
  const project = /^[^@]+@([a-z][a-z0-9-]+)\.iam\.gserviceaccount\.com$/.exec(email)?.[1]
  if (headers.authorization !== `Bearer ${FEDERATED}` || project === undefined) {
    const message = `Permission 'iam.serviceAccounts.getAccessToken' denied on ${email}`
    return { status: 403, body: { error: { code: 403, status: 'PERMISSION_DENIED', message } } }
  }
  const expireTime = new Date(Date.now() + 3_600_000).toISOString()
  return { status: 200, body: { accessToken: tokenOfProject(project), expireTime } }
}

function wrong(error: string, error_description: string): ApiReply {
  return { status: 400, body: { error, error_description } }
}
