import type { ApiCall, ApiReply, Json, World } from '../../../stacks/contract/sandbox.ts'
import { budgets } from './api/budgets.ts'
import { cloudControl } from './api/cloud-control.ts'
import { cloudWatch } from './api/cloud-watch.ts'
import { freeTier } from './api/free-tier.ts'
import { iam } from './api/iam.ts'
import { fault } from './api/json-call.ts'
import { lambda } from './api/lambda.ts'
import { logs } from './api/logs.ts'
import { tables } from './api/tables.ts'
import { identify } from './identify.ts'
import { REGIONS } from './regions.ts'
import { arnOf, sessionOf } from './sessions.ts'
import { assumedBy, assumeRole, callerByToken } from './web-identity.ts'

type Service = (call: ApiCall, world: World) => Promise<ApiReply>

const SERVICES: Record<string, Service> = {
  freetier: freeTier,
  monitoring: cloudWatch,
  lambda,
  logs,
  dynamodb: tables,
  cloudcontrolapi: cloudControl,
  sts: callerIdentity,
  iam,
  budgets,
}

const SIGNATURE =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/

/** Whose keys signed it. The form is looked at, not the signature: the sandbox knows nobody's secret. */
export function callerOf(call: ApiCall): string | ApiReply {
  return callerByToken(call) ?? callerBySignature(call)
}

function callerBySignature({ headers, host }: ApiCall): string | ApiReply {
  const [, key = '', day = '', region = '', service, signed = ''] = SIGNATURE.exec(headers.authorization ?? '') ?? []
  const { service: asked, region: place } = placeOf(host)
  if (key === '' || service !== asked || region !== place || !signed.split(';').includes('host'))
    return fault(403, 'IncompleteSignatureException', `expected a signature for ${asked} in ${place}`)
  if (!headers['x-amz-date']?.startsWith(day)) return fault(403, 'InvalidSignatureException', 'Signature expired')
  const session = sessionOf({ headers } as ApiCall)
  if (headers['x-amz-security-token'] !== undefined) {
    const assumed = assumedBy(headers['x-amz-security-token'])
    return (
      session?.account ??
      assumed?.account ??
      fault(403, 'UnrecognizedClientException', 'The security token included is invalid.')
    )
  }
  try {
    return identify({ accessKey: key, secretKey: 'signed with', region: place }).cloudAccount
  } catch {
    return fault(403, 'UnrecognizedClientException', 'The security token included in the request is invalid.')
  }
}

/** The part of AWS' own APIs that watching uses. */
export async function api(call: ApiCall, world: World): Promise<ApiReply> {
  const { service, region } = placeOf(call.host)
  if (!REGIONS.has(region)) return fault(400, 'UnrecognizedClientException', `there is no region ${region}`)
  const answer = SERVICES[service]
  const session = sessionOf(call)
  if (session !== undefined && service !== 'dynamodb')
    return fault(403, 'AccessDeniedException', `User: ${arnOf(session)} is not authorized to perform: ${service}:*`)
  return answer === undefined
    ? fault(404, 'UnknownOperationException', `there is no ${call.host}`)
    : answer(call, { ...world, region, ...userOf(call) })
}

/** Who acts, where the key is that of a user who may not do everything. */
function userOf({ headers }: ApiCall): Pick<World, 'user'> {
  const key = SIGNATURE.exec(headers.authorization ?? '')?.[1]
  if (headers['x-amz-security-token'] !== undefined || key === undefined) return {}
  const { user } = identify({ accessKey: key, secretKey: 'signed with', region: 'us-east-1' })
  return user === undefined ? {} : { user }
}

function placeOf(host: string): { service: string; region: string } {
  const [service = '', second = ''] = host.split('.')
  return { service, region: second === 'amazonaws' ? 'us-east-1' : second }
}

async function callerIdentity(call: ApiCall, { cloudAccount, user }: World): Promise<ApiReply> {
  const given = assumeRole(call)
  if (given !== undefined) return given
  const { query, headers } = call
  if (query.Action !== 'GetCallerIdentity')
    return fault(400, 'InvalidAction', `Could not find operation ${query.Action}`)
  const assumed = assumedBy(headers['x-amz-security-token'])
  const Arn =
    assumed === undefined
      ? `arn:aws:iam::${cloudAccount}:user/${user ?? 'owner'}`
      : `arn:aws:sts::${cloudAccount}:assumed-role/${assumed.role}/pipi-engine`
  const result: Json = { Account: cloudAccount, Arn, UserId: 'AIDASANDBOXENGINE' }
  return { status: 200, body: { GetCallerIdentityResponse: { GetCallerIdentityResult: result } } }
}
