import { PipiError, type Problem } from '../../catalog/errors.ts'
import type { Manifest } from '../../engines/contract/manifest.ts'
import type { OrderSource, Refusal } from '../../factory/contract/truth.ts'
import { accept } from '../store/accept.ts'
import type { Deployment } from '../store/deployment.ts'
import { deploymentOfKey } from '../store/deployment-of-key.ts'
import { getDeployment, getRequest } from '../store/get-deployment.ts'
import { getWorkspace, type Workspace } from '../store/list-workspaces.ts'
import type { Database } from '../store/open.ts'
import { requestDigest } from '../store/request-digest.ts'
import { hasUpload } from '../store/upload.ts'
import { refuseUncarried } from './carriers.ts'
import { checkGitSource } from './check-source.ts'
import { chooseEngine, type Room, regionFor } from './choose-engine.ts'
import type { EngineFacts } from './engine-facts.ts'
import type { IntakeRequestBody } from './intake-request.ts'
import { invalid, type PathInside, readManifest } from './read-manifest.ts'

export interface IntakeRequest extends IntakeRequestBody {
  account: string
  /** The caller owns this host: folders of it may be named. */
  local: boolean
  /** Id of the caller's token. */
  by: string
  /** Idempotency key. */
  key?: string | undefined
}

export interface IntakeContext {
  db: Database
  engines: readonly EngineFacts[]
  /** Room in the ledger by engine, for `auto`. */
  roomOf(account: string): Promise<(engine: string) => Room>
}

/**
 * Step 1. Judges a request as a whole; what is wrong is said at once, with its place, and nothing is written. What the
 * manifest alone proves impossible becomes a deployment that is `refused`. All else is in the truth when this resolves.
 */
export async function intake(context: IntakeContext, request: IntakeRequest): Promise<Deployment> {
  const { account, by, key, local: _local, ...body } = request
  const digest = requestDigest(body)
  const before = key === undefined ? undefined : await deploymentOfKey(context.db, account, key, digest)
  if (before) return before
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
    ...(key === undefined ? {} : { key }),
    asked: digest,
    by,
    ...(asked.refusal === undefined ? {} : { refusal: asked.refusal }),
  })
  return deployment
}

interface Asked {
  name: string
  engine: EngineFacts
  region: string
  manifest?: Manifest
  source?: OrderSource
  refusal?: Refusal
}

async function fromManifest(context: IntakeContext, request: IntakeRequest): Promise<Asked> {
  const { manifest, problemAt } = readManifest(request.manifest ?? '', request.file)
  const problems: Problem[] = []
  const standing = await getWorkspace(context.db, request.account, manifest.name)

  const source = await sourceOf(context, request, manifest, problems, problemAt)
  const place = await placeOf(context, request, manifest, standing, problems, problemAt)
  if (problems.length > 0 || !source || !place) throw invalid(problems)
  const refusal = refuseUncarried(manifest, place.engine, context.engines)
  return { name: manifest.name, manifest, source, ...place, ...(refusal === undefined ? {} : { refusal }) }
}

/** By name: what stands is destroyed or refreshed; a deploy repeats the last one, perhaps from another source. */
async function fromName(context: IntakeContext, request: IntakeRequest): Promise<Asked> {
  const name = request.workspace as string
  const standing = await getWorkspace(context.db, request.account, name)
  if (!standing) throw new PipiError('not-found', `there is no workspace "${name}"`, { hint: 'see ./pipi list' })
  if (request.kind === 'destroy' || request.kind === 'refresh')
    return await standingPlace(context, request.account, standing)
  const last = standing.last && (await getRequest(context.db, standing.last.id))
  if (!last)
    throw new PipiError('conflict.state', `workspace "${name}" was never deployed`, {
      hint: 'deploy it from its manifest',
    })
  const problems: Problem[] = []
  const at = (path: PathInside, message: string, allowed?: string): Problem => ({
    path: path.join('.'),
    message,
    ...(allowed === undefined ? {} : { allowed }),
  })
  const source = request.source ? await sourceOf(context, request, last.manifest, problems, at) : last.source
  const place = await placeOf(context, request, last.manifest, standing, problems, at)
  if (problems.length > 0 || !source || !place) throw invalid(problems)
  const refusal = refuseUncarried(last.manifest, place.engine, context.engines)
  return { name, manifest: last.manifest, source, ...place, ...(refusal === undefined ? {} : { refusal }) }
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

type ProblemAt = (path: PathInside, message: string, allowed?: string) => Problem

/** The source that the client sent along or named, else the manifest's. */
async function sourceOf(
  context: IntakeContext,
  request: IntakeRequest,
  manifest: Manifest,
  problems: Problem[],
  problemAt: ProblemAt,
): Promise<OrderSource | undefined> {
  const given = request.source
  if (given?.kind === 'upload') {
    if (await hasUpload(context.db, request.account, given.digest)) return given
    problems.push({
      path: 'source.digest',
      message: `no upload has the sha256 ${given.digest}`,
      allowed: 'PUT /v1/uploads/:sha256 first',
    })
    return undefined
  }
  const named = manifest.source
  const git =
    given ?? (named !== undefined && 'git' in named ? { url: named.git, ref: named.ref, path: named.path } : undefined)
  if (!git) {
    problems.push(
      named === undefined
        ? problemAt(
            ['source'],
            'no source was sent along and the manifest names none',
            'source: {git: https://…, ref: main}',
          )
        : problemAt(
            ['source', 'folder'],
            'a folder has to be sent along',
            'PUT /v1/uploads/:sha256 and name it as source; ./pipi deploy does',
          ),
    )
    return undefined
  }
  const wrong = await checkGitSource(git.url, request.local)
  if (wrong) {
    problems.push(given ? { path: 'source.url', ...wrong } : problemAt(['source', 'git'], wrong.message, wrong.allowed))
    return undefined
  }
  return { kind: 'git', url: git.url, ref: git.ref ?? 'main', path: git.path ?? '.', local: request.local }
}

/** Engine and region: what the request says, else where it stands, else the manifest, else the best there is. */
async function placeOf(
  context: IntakeContext,
  request: IntakeRequest,
  manifest: Manifest,
  standing: Workspace | undefined,
  problems: Problem[],
  problemAt: ProblemAt,
): Promise<{ engine: EngineFacts; region: string } | undefined> {
  const asked = request.engine ?? manifest.placement.engine
  const stands = standing?.live === true ? standing.engine : undefined
  const code = asked === 'auto' ? (stands ?? 'auto') : asked
  const wrong = (message: string, allowed: string) => {
    problems.push(
      request.engine === undefined
        ? problemAt(['placement', 'engine'], message, allowed)
        : { path: 'engine', message, allowed },
    )
  }
  const regions = request.region === undefined ? manifest.placement.regions : [request.region]

  if (code === 'auto') {
    const wanted = { ...manifest, placement: { ...manifest.placement, regions } }
    const { engine, region } = chooseEngine(wanted, context.engines, await context.roomOf(request.account))
    return { engine, region }
  }
  const engine = context.engines.find((one) => one.code === code)
  if (!engine) {
    wrong(`there is no engine "${code}"`, `${context.engines.map((one) => one.code).join(', ')} or auto`)
    return undefined
  }
  if (stands !== undefined && stands !== code && request.kind !== 'preview') {
    problems.push(
      problemAt(
        ['name'],
        `a workspace "${manifest.name}" stands on ${stands} already`,
        `another name for the one on ${code}, or ./pipi destroy ${manifest.name} first`,
      ),
    )
    return undefined
  }
  const region =
    stands === code && standing?.region && request.region === undefined ? standing.region : regionFor(regions, engine)
  if (region === undefined) {
    const where = `none of ${regions.join(', ')} is a free region of ${engine.name}`
    problems.push(
      request.region === undefined
        ? problemAt(['placement', 'regions'], where, engine.regions.join(', '))
        : { path: 'region', message: where, allowed: engine.regions.join(', ') },
    )
    return undefined
  }
  return { engine, region }
}
