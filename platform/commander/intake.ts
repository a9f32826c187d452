import { PipiError, type Problem } from '../../catalog/errors.ts'
import { type Manifest, ttlMs } from '../../engines/contract/manifest.ts'
import type { OrderSource, Refusal } from '../../factory/contract/truth.ts'
import { accept } from '../store/accept.ts'
import type { Deployment } from '../store/deployment.ts'
import { deploymentOfKey } from '../store/deployment-of-key.ts'
import { getDeployment, getRequest } from '../store/get-deployment.ts'
import { ledgerNow } from '../store/ledger-clock.ts'
import { getWorkspace, type Workspace } from '../store/list-workspaces.ts'
import { requestDigest } from '../store/request-digest.ts'
import { whatStands } from '../store/what-stands.ts'
import { refuseUncarried } from './carriers.ts'
import type { Verdict } from './choose-engine.ts'
import type { EngineFacts } from './engine-facts.ts'
import type { IntakeContext, IntakeRequest } from './intake-context.ts'
import { placeOf } from './intake-place.ts'
import { requireSecrets } from './intake-secrets.ts'
import { sourceOf } from './intake-source.ts'
import { invalid, readManifest } from './read-manifest.ts'
import { releaseToGoBackTo } from './release.ts'
import { isGuardRails } from './secure.ts'
import type { PathInside } from './yaml-place.ts'

/**
 * Step 1. Judges a request as a whole; what is wrong is said at once, with its place, and nothing is written. What the
 * manifest alone proves impossible becomes a deployment that is `refused`. All else is in the truth when this resolves.
 */
export async function intake(given: IntakeContext, request: IntakeRequest): Promise<Deployment> {
  const { account, by, key, local: _local, ...body } = request
  const digest = requestDigest(body)
  const before = key === undefined ? undefined : await deploymentOfKey(given.db, account, key, digest)
  if (before) return before
  const context = given.enginesFor ? { ...given, engines: await given.enginesFor(account) } : given
  const asked =
    request.workspace === undefined ? await fromManifest(context, request) : await fromName(context, request)
  const cloudAccount = asked.engine.cloudAccount
  if (!cloudAccount.ok) {
    throw new PipiError('not-allowed', `nothing can be deployed to ${asked.engine.name}: ${cloudAccount.reason}`, {
      hint: cloudAccount.hint,
    })
  }
  const { deployment } = await accept(context.db, {
    account,
    kind: request.kind,
    workspaceName: asked.name,
    manifest: asked.manifest,
    source: asked.source,
    ...(asked.source?.kind === 'git' ? { ref: asked.source.ref } : {}),
    engine: asked.engine.code,
    region: asked.region,
    cloudAccount: cloudAccount.id,
    deleteData: request.deleteData ?? false,
    ...(request.repair === undefined ? {} : { repair: request.repair }),
    ...(asked.goesBackTo === undefined ? {} : { goesBackTo: asked.goesBackTo }),
    ...(asked.choice === undefined ? {} : { choice: asked.choice }),
    ...(await endOf(context, request, asked.manifest)),
    ...(key === undefined ? {} : { key }),
    asked: digest,
    by,
    ...(asked.refusal === undefined ? {} : { refusal: asked.refusal }),
  })
  return deployment
}

/** When it is over, by the ledger's clock: what the request says, else the manifest; neither, and it has no end. */
async function endOf(
  context: IntakeContext,
  request: IntakeRequest,
  manifest: Manifest | undefined,
): Promise<{ endsAt?: string }> {
  const ttl = request.ttl ?? manifest?.ttl
  if (ttl === undefined || (request.kind !== 'deploy' && request.kind !== 'preview')) return {}
  return { endsAt: new Date((await ledgerNow(context.db)).getTime() + ttlMs(ttl)).toISOString() }
}

interface Asked {
  name: string
  engine: EngineFacts
  region: string
  manifest?: Manifest
  source?: OrderSource
  /** Id of the deployment that is wanted again. */
  goesBackTo?: string
  /** How the engine was chosen, where the choice was ours. */
  choice?: Verdict[]
  refusal?: Refusal
}

async function fromManifest(context: IntakeContext, request: IntakeRequest): Promise<Asked> {
  const { manifest, problemAt } = readManifest(request.manifest ?? '', request.file)
  const problems: Problem[] = []
  const standing = await getWorkspace(context.db, request.account, manifest.name)

  if (isGuardRails(manifest.name)) {
    problems.push(problemAt(['name'], `the name "${manifest.name}" is kept for guard rails`, 'another name'))
  }
  const source = await sourceOf(context, request, manifest, problems, problemAt)
  const place = await placeOf(context, request, manifest, standing, problems, problemAt)
  await requireSecrets(context.db, manifest.name, standing?.id, manifest, problems, problemAt)
  if (problems.length > 0 || !source || !place) throw invalid(problems)
  const refusal = refuseUncarried(manifest, place.engine, context.engines)
  return { name: manifest.name, manifest, source, ...place, ...(refusal === undefined ? {} : { refusal }) }
}

/** Where no file was sent, a problem has its place in the manifest alone. */
function at(path: PathInside, message: string, allowed?: string): Problem {
  return { path: path.join('.'), message, ...(allowed === undefined ? {} : { allowed }) }
}

/** By name: what stands is destroyed or refreshed; a deploy repeats the last one, perhaps from another source. */
async function fromName(context: IntakeContext, request: IntakeRequest): Promise<Asked> {
  const name = request.workspace as string
  const standing = await getWorkspace(context.db, request.account, name)
  if (!standing) throw new PipiError('not-found', `there is no workspace "${name}"`, { hint: 'see ./pipi list' })
  if (request.kind === 'destroy' || request.kind === 'refresh')
    return await standingPlace(context, request.account, standing)
  if (request.kind === 'rollback') return await wayBack(context, request, standing)
  if (isGuardRails(name)) {
    throw new PipiError('conflict.state', `"${name}" holds the guard rails of a cloud account`, {
      hint: './pipi account secure CLOUD sets them anew',
    })
  }
  const last = request.asItStands
    ? await whatStands(context.db, standing.id)
    : standing.last && (await getRequest(context.db, standing.last.id))
  if (!last)
    throw new PipiError(
      'conflict.state',
      request.asItStands ? `nothing of workspace "${name}" stands` : `workspace "${name}" was never deployed`,
      { hint: 'deploy it from its manifest' },
    )
  const problems: Problem[] = []
  const source = request.source ? await sourceOf(context, request, last.manifest, problems, at) : last.source
  const place = await placeOf(context, request, last.manifest, standing, problems, at)
  await requireSecrets(context.db, name, standing.id, last.manifest, problems, at)
  if (problems.length > 0 || !source || !place) throw invalid(problems)
  const refusal = refuseUncarried(last.manifest, place.engine, context.engines)
  return { name, manifest: last.manifest, source, ...place, ...(refusal === undefined ? {} : { refusal }) }
}

/** Exactly what an earlier deployment was made of, at the place where the workspace stands. */
async function wayBack(context: IntakeContext, request: IntakeRequest, standing: Workspace): Promise<Asked> {
  const place = await standingPlace(context, request.account, standing)
  const release = await releaseToGoBackTo(context.db, standing, request.to)
  const problems: Problem[] = []
  if (release.source.kind === 'upload')
    await sourceOf(context, { ...request, source: release.source }, release.manifest, problems, at)
  await requireSecrets(context.db, standing.name, standing.id, release.manifest, problems, at)
  if (problems.length > 0) throw invalid(problems)
  const { id, manifest, source } = release
  return { ...place, manifest, source, goesBackTo: id }
}

/** Where it stands, or where its last deployment went: what that left behind is taken down as well. */
async function standingPlace(context: IntakeContext, account: string, standing: Workspace): Promise<Asked> {
  const last = standing.last && (await getDeployment(context.db, account, standing.last.id))
  const code = standing.engine ?? last?.engine
  const engine = context.engines.find((one) => one.code === code)
  const region = standing.region ?? last?.region
  if (!engine || region === undefined) {
    throw new PipiError('conflict.state', `nothing of workspace "${standing.name}" stands anywhere`, {
      hint: `see ./pipi status ${standing.name}`,
    })
  }
  return { name: standing.name, engine, region }
}
