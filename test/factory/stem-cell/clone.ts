import { createHash, randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { create } from 'tar'
import { metersOf } from '../../../catalog/meters.ts'
import type { Engine } from '../../../engines/contract/engine.ts'
import { type Manifest, manifestSchema } from '../../../engines/contract/manifest.ts'
import { loadEngine, sandboxModuleOf } from '../../../engines/scan.ts'
import { isFinal } from '../../../factory/contract/status.ts'
import type { DeploymentKind } from '../../../factory/contract/truth.ts'
import { accept } from '../../../platform/store/accept.ts'
import { openAccount } from '../../../platform/store/account.ts'
import { assign } from '../../../platform/store/assign.ts'
import { openCloudAccount } from '../../../platform/store/cloud-account.ts'
import type { Deployment } from '../../../platform/store/deployment.ts'
import { engineAccess } from '../../../platform/store/engine-access.ts'
import { engineKey } from '../../../platform/store/engine-key.ts'
import { readDeployment } from '../../../platform/store/get-deployment.ts'
import type { Database } from '../../../platform/store/open.ts'
import { seedMeters } from '../../../platform/store/seed-meters.ts'
import { putUpload } from '../../../platform/store/upload.ts'
import type { Outcome } from '../../../stacks/contract/intents.ts'
import { type Sandbox, startSandbox } from '../../../stacks/sandbox/start.ts'
import { testDatabase } from '../../helpers/postgres.ts'
import { pulumiPath } from '../../helpers/pulumi.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { foldersIn, type Seed, sprout } from './seed.ts'

export interface CarryOptions {
  /** A folder, sent along. */
  source?: string
  git?: { url: string; ref: string; path: string; commit?: string }
  deleteData?: boolean
  repair?: boolean
  goesBackTo?: string
}

export interface Lab {
  sandbox: Sandbox
  admin(path: string, body?: unknown): Promise<Record<string, unknown>>
  /** What was planted there is no more. */
  forget(path: string): Promise<void>
  /** Accepts, assigns and hands to the clone; resolves with the final deployment. */
  carry(kind: DeploymentKind, manifest: Manifest, options?: CarryOptions): Promise<Deployment>
  /** Accepts and assigns, and hands to nobody. */
  place(kind: DeploymentKind, manifest: Manifest, options?: CarryOptions): Promise<string>
  /**
   * Hands a deployment to the clone, again and again while another holds its workspace; resolves with the final
   * deployment.
   */
  handOver(deployment: string): Promise<Deployment>
  /** What the clone was born from: another one of the same engine may be too. */
  seed: Seed
  meters(): Promise<Record<string, number>>
  /** What the story of a deployment says, in order. */
  story(deployment: Deployment): Promise<{ text: string; data: Record<string, unknown> | null }[]>
  /** The engine as the clone has it: a test may change its rules. */
  engine: Engine
  db: Database
  /** Called when an outcome has been written, before the Pulumi engine hears of it. */
  onOutcome(hear: (outcome: Outcome) => Promise<void>): void
  close(): Promise<void>
}

/** One real clone of an engine on a real store, a real sandbox and the real Pulumi CLI; only the queue is left out. */
export async function openLab(
  code: string,
  folder: string,
  from: Pick<Seed, 'engines' | 'catalog' | 'companions'> = {},
): Promise<Lab> {
  const { db, url, drop } = await testDatabase()
  const declared = await loadEngine(code, from.engines, from.catalog)
  const cloud = declared.dna.sandbox
  if (cloud === undefined) throw new Error(`${code} has no sandbox account`)
  const module = sandboxModuleOf(declared)
  if (module === undefined && from.companions === undefined) throw new Error(`${code} has no simulated cloud`)
  const sandbox = await startSandbox({
    databaseUrl: url,
    dataFolder: join(folder, 'sandbox'),
    clouds:
      module === undefined
        ? []
        : [{ engine: code, module, cloudAccount: { id: cloud.cloudAccount, plan: cloud.plan } }],
    adminToken: 'an admin token for tests',
    idleMs: 60_000,
  })
  const account = await openAccount(db, 'lab')
  await openCloudAccount(db, account.id, {
    id: cloud.cloudAccount,
    engine: code,
    plan: cloud.plan,
    consentWatched: cloud.consentWatched,
  })
  const meters = metersOf(declared.facts, cloud.plan)
  const limits = (await declared.limits?.()) ?? {}
  await seedMeters(
    db,
    cloud.cloudAccount,
    meters.flatMap(({ id, unit, limit: stated, period, scope }) => {
      const limit = stated === 'host' ? limits[id] : stated
      return limit !== undefined && period !== 'window'
        ? [{ meter: id, unit, limit, period, scope: scope === 'account' ? '' : '*' }]
        : []
    }),
  )

  const access = await engineAccess(db, code)
  let hear: (outcome: Outcome) => Promise<void> = async () => undefined
  const owner = cloud.cloudAccount
  const seed: Seed = {
    code,
    clone: `${code}-1`,
    ...from,
    ...foldersIn(folder),
    url: access.url,
    stateTable: access.stateTable,
    key: engineKey(randomBytes(32), code).toString('hex'),
    upstreams: sandbox.ready.providers,
    platformApi: `${sandbox.ready.api}/api/${code}`,
    pulumi: await pulumiPath(),
  }
  const { engine, work, close } = await sprout(seed, (truth) => ({
    ...truth,
    intents: (order) => {
      const log = truth.intents(order)
      const end = async (intent: string, outcome: Outcome) => {
        await log.end(intent, outcome)
        await hear(outcome)
      }
      return { ...log, end }
    },
  }))
  return {
    sandbox,
    engine,
    db,
    onOutcome: (given) => {
      hear = given
    },
    admin: async (path, body) => {
      const response = await fetch(`${sandbox.ready.admin}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: 'Bearer an admin token for tests', 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
      return (await response.json()) as Record<string, unknown>
    },
    forget: async (path) => {
      const headers = { authorization: 'Bearer an admin token for tests' }
      const response = await fetch(`${sandbox.ready.admin}${path}`, { method: 'DELETE', headers })
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    },
    seed,
    place,
    handOver,
    carry: async (kind, manifest, options) => handOver(await place(kind, manifest, options)),
    meters: async () => {
      const rows = await db.query<{ meter: string; held: string }>(
        'select meter, sum(held) as held from pipi.meters group by meter having sum(held) > 0 order by meter',
      )
      return Object.fromEntries(rows.map((row) => [row.meter, Number(row.held)]))
    },
    story: (deployment) =>
      db.query('select text, data from pipi.story where deployment = $1 order by seq', [deployment.id]),
    async close() {
      await close()
      await sandbox.stop()
      await drop()
    },
  }

  async function place(kind: DeploymentKind, manifest: Manifest, options: CarryOptions = {}): Promise<string> {
    const { source, git, deleteData = false, repair, goesBackTo } = options
    const sent = source === undefined ? {} : { source: { kind: 'upload' as const, digest: await upload(source) } }
    const { deployment } = await accept(db, {
      account: account.id,
      kind,
      workspaceName: manifest.name,
      // What stands is looked at as it stands.
      ...(kind === 'refresh' ? {} : { manifest }),
      ...sent,
      ...(git === undefined ? {} : { source: { kind: 'git' as const, local: true, ...git } }),
      engine: code,
      region: engine.dna.regions[0] ?? '',
      cloudAccount: owner,
      deleteData,
      ...(repair === undefined ? {} : { repair }),
      ...(goesBackTo === undefined ? {} : { goesBackTo }),
    })
    await assign(db, deployment.id)
    return deployment.id
  }

  async function handOver(deployment: string): Promise<Deployment> {
    await assign(db, deployment)
    return waitFor(
      'a final state',
      async () => {
        await work(deployment)
        const now = await readDeployment(db, account.id, deployment)
        return isFinal(now.status) ? now : undefined
      },
      { timeoutMs: 60_000, everyMs: 200 },
    )
  }

  async function upload(source: string): Promise<string> {
    const chunks: Buffer[] = []
    for await (const chunk of create({ gzip: true, cwd: source, portable: true }, ['.'])) chunks.push(chunk as Buffer)
    const bytes = Buffer.concat(chunks)
    const digest = createHash('sha256').update(bytes).digest('hex')
    await putUpload(db, account.id, digest, bytes)
    return digest
  }
}

export function manifest(components: unknown[], name = 'lab-site'): Manifest {
  return manifestSchema.parse({ apiVersion: 'pipi/v1', name, components })
}

export async function sourceFolder(folder: string, files: Record<string, string>): Promise<string> {
  const { writeFile } = await import('node:fs/promises')
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  return folder
}
