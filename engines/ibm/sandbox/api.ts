import type { ApiCall, ApiReply, ApiWorld } from '../../../stacks/contract/sandbox.ts'
import { billing } from './api/billing.ts'
import { cloudant } from './api/cloudant.ts'
import { codeEngine } from './api/code-engine.ts'
import { accountOfToken, iam } from './api/iam.ts'
import { identities } from './api/identities.ts'
import { registry } from './api/registry.ts'
import { resourceController } from './api/resource-controller.ts'
import { accountOf } from './identify.ts'
import { refused, replyOf } from './refusal.ts'

const NOBODY = ''
const REGISTRY = /^[a-z]+\d?\.icr\.io$/

const HOSTS: [RegExp, (call: ApiCall, world: ApiWorld) => Promise<ApiReply | undefined>][] = [
  [/^iam\.cloud\.ibm\.com$/, async (call, world) => (await iam(call, world)) ?? identities(call, world)],
  [REGISTRY, registry],
  [/^api\.[a-z-]+\.codeengine\.cloud\.ibm\.com$/, codeEngine],
  [/^resource-controller\.cloud\.ibm\.com$/, resourceController],
  [/^[0-9a-f-]+-bluemix\.cloudantnosqldb\.appdomain\.cloud$/, cloudant],
  [/^billing\.cloud\.ibm\.com$/, billing],
]

/** Whose call it is: of a token, or of the API key that is to get one. */
export function callerOf(call: ApiCall): string | ApiReply {
  const { host, headers, body } = call
  if (REGISTRY.test(host)) return pusherOf(call)
  const apikey = headers['iam-apikey'] ?? new URLSearchParams(typeof body === 'string' ? body : '').get('apikey')
  const account =
    host === 'iam.cloud.ibm.com' && apikey !== null ? accountOf(apikey) : accountOfToken(headers.authorization)
  if (account !== undefined) return account
  return host === 'iam.cloud.ibm.com'
    ? { status: 400, body: { errorCode: 'BXNIM0415E', errorMessage: 'Provided API key could not be found.' } }
    : refused(401, 'unauthorized', 'The token is missing, expired or not valid.')
}

/** Who shows an API key as the password of `iamapikey`, or a token that he got for it; nobody is told how to get one. */
function pusherOf({ headers, path }: ApiCall): string | ApiReply {
  const { authorization } = headers
  if (authorization === undefined && path.startsWith('/v2')) return NOBODY
  const [, basic] = /^Basic (.+)$/i.exec(authorization ?? '') ?? []
  const [user, ...key] = Buffer.from(basic ?? '', 'base64')
    .toString('utf8')
    .split(':')
  const account = basic === undefined ? accountOfToken(authorization) : accountOf(key.join(':'))
  const known = basic === undefined || user === 'iamapikey'
  return known && account !== undefined ? account : refused(401, 'UNAUTHORIZED', 'The login was not successful.')
}

/** What large layers come in. */
export function mostBytes(host: string): number | undefined {
  return REGISTRY.test(host) ? 256 * 1024 * 1024 : undefined
}

/** IBM's own HTTP APIs, each at its host. */
export async function api(call: ApiCall, world: ApiWorld): Promise<ApiReply> {
  const [, answering] = HOSTS.find(([host]) => host.test(call.host)) ?? []
  try {
    const reply = await answering?.(call, world)
    return reply ?? refused(404, 'not_found', `there is nothing at ${call.method} https://${call.host}${call.path}`)
  } catch (error) {
    return replyOf(error)
  }
}
