import type { ApiCall, ApiReply, ApiWorld } from '../../../stacks/contract/sandbox.ts'
import { billing } from './api/billing.ts'
import { cloudant } from './api/cloudant.ts'
import { codeEngine } from './api/code-engine.ts'
import { accountOfToken, iam } from './api/iam.ts'
import { resourceController } from './api/resource-controller.ts'
import { accountOf } from './identify.ts'
import { refused, replyOf } from './refusal.ts'

const HOSTS: [RegExp, (call: ApiCall, world: ApiWorld) => Promise<ApiReply | undefined>][] = [
  [/^iam\.cloud\.ibm\.com$/, iam],
  [/^api\.[a-z-]+\.codeengine\.cloud\.ibm\.com$/, codeEngine],
  [/^resource-controller\.cloud\.ibm\.com$/, resourceController],
  [/^[0-9a-f-]+-bluemix\.cloudantnosqldb\.appdomain\.cloud$/, cloudant],
  [/^billing\.cloud\.ibm\.com$/, billing],
]

/** Whose call it is: of a token, or of the API key that is to get one. */
export function callerOf({ host, headers, body }: ApiCall): string | ApiReply {
  const apikey = headers['iam-apikey'] ?? new URLSearchParams(typeof body === 'string' ? body : '').get('apikey')
  const account =
    host === 'iam.cloud.ibm.com' && apikey !== null ? accountOf(apikey) : accountOfToken(headers.authorization)
  if (account !== undefined) return account
  return host === 'iam.cloud.ibm.com'
    ? { status: 400, body: { errorCode: 'BXNIM0415E', errorMessage: 'Provided API key could not be found.' } }
    : refused(401, 'unauthorized', 'The token is missing, expired or not valid.')
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
