import type { ApiCall, ApiReply, ApiWorld, World } from '../../../stacks/contract/sandbox.ts'
import { assets } from './api/assets.ts'
import { billing, budgets } from './api/billing.ts'
import { builds } from './api/builds.ts'
import { cloudFunctions } from './api/cloud-functions.ts'
import { documents } from './api/documents.ts'
import { callerOfRegistry, images, isRegistry } from './api/images.ts'
import { objects } from './api/objects.ts'
import { isPermissionTest, testPermissions } from './api/permissions.ts'
import { refused } from './api/reply.ts'
import { repositories } from './api/repositories.ts'
import { run } from './api/run.ts'
import { buckets } from './api/storage.ts'
import { timeSeries } from './api/time-series.ts'
import { accountOfToken, projectOfToken, token } from './api/tokens.ts'
import { federation, isFederation } from './federation.ts'
import { accountOf, projectOf } from './identify.ts'
import { mayActAs } from './identities.ts'

/** Services that take what functions give them, not only questions. */
const HOLDS_DATA = new Set(['storage.googleapis.com', 'firestore.googleapis.com'])

type Service = (call: ApiCall, world: World) => Promise<ApiReply>

const SERVICES: Record<string, Service> = {
  'monitoring.googleapis.com': timeSeries,
  'cloudfunctions.googleapis.com': cloudFunctions,
  'storage.googleapis.com': (call, world) => (isOfObject(call) ? objects(call, world) : buckets(call, world)),
  'firestore.googleapis.com': documents,
  'cloudasset.googleapis.com': assets,
  'run.googleapis.com': run,
  'artifactregistry.googleapis.com': repositories,
  'cloudbuild.googleapis.com': builds,
  'cloudbilling.googleapis.com': billing,
  'billingbudgets.googleapis.com': budgets,
}

/** The billing account behind the project whose service account got the token; who asks for one has none yet. */
export function callerOf(call: ApiCall): string | ApiReply {
  if (call.host === 'oauth2.googleapis.com' || isFederation(call)) return ''
  if (isRegistry(call.host)) return callerOfRegistry(call)
  const email = accountOfToken(call.headers.authorization)
  const project = email?.split(/[@.]/)[1] ?? projectOfToken(call.headers.authorization)
  return project === undefined
    ? refused(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.')
    : accountOf(project)
}

/** The part of Google's own APIs that watching uses, those of what functions keep their data in, and the registry. */
export async function api(call: ApiCall, world: ApiWorld): Promise<ApiReply> {
  if (call.host === 'oauth2.googleapis.com') return token(call)
  if (isFederation(call)) return federation(call)
  if (isRegistry(call.host)) return images(call, world)
  const service = SERVICES[call.host]
  if (isPermissionTest(call)) return testPermissions(call, world)
  if (service === undefined || (call.method !== 'GET' && !HOLDS_DATA.has(call.host)))
    return refused(404, 'NOT_FOUND', `there is no ${call.method} ${call.host}${call.path}`)
  const project = /\/projects\/([^/:]+)/.exec(call.path)?.[1] ?? call.query.project
  if (project !== undefined && accountOf(project) !== world.cloudAccount)
    return refused(403, 'PERMISSION_DENIED', `The caller does not have permission on the project ${project}`)
  const email = accountOfToken(call.headers.authorization)
  if (email !== undefined && !(await mayReach(call, email, world)))
    return refused(403, 'PERMISSION_DENIED', `${email} does not have access to ${call.host}${call.path}`)
  return service(inOneProject(call, project, projectOf(world.cloudAccount)), world)
}

/** What runs as a service account reaches what a right of its own opens to it, and no other of Google's APIs. */
async function mayReach(call: ApiCall, email: string, world: World): Promise<boolean> {
  if (call.host === 'firestore.googleapis.com') return mayActAs(email, ['roles/datastore.user'], undefined, world)
  const bucket = /\/b\/([^/]+)\/o/.exec(call.path)?.[1]
  return bucket !== undefined && mayActAs(email, ['roles/storage.objectUser'], bucket, world)
}

/** Who lists a bucket with the engine's own credentials sees what was put there by deployments. */
function isOfObject(call: ApiCall): boolean {
  return accountOfToken(call.headers.authorization) !== undefined
}

/** What a billing account pays for is one project to the sandbox, under whichever name it is asked for. */
function inOneProject(call: ApiCall, asked: string | undefined, project: string): ApiCall {
  if (asked === undefined) return call
  const query = call.query.project === undefined ? call.query : { ...call.query, project }
  return { ...call, query, path: call.path.replace(`/projects/${asked}`, `/projects/${project}`) }
}
