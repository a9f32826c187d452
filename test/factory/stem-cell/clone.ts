import { createHash, randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { create } from 'tar'
import { metersOf } from '../../../catalog/meters.ts'
import type { Engine } from '../../../engines/contract/engine.ts'
import { type Manifest, manifestSchema } from '../../../engines/contract/manifest.ts'
import { loadEngine, sandboxModuleOf } from '../../../engines/scan.ts'
import { isFinal } from '../../../factory/contract/status.ts'
import type { Birth } from '../../../factory/contract/stem-cell.ts'
import type { DeploymentKind } from '../../../factory/contract/truth.ts'
import { live } from '../../../factory/stem-cell/live.ts'
import { accept } from '../../../platform/store/accept.ts'
import { openAccount } from '../../../platform/store/account.ts'
import { assign } from '../../../platform/store/assign.ts'
import { openCloudAccount } from '../../../platform/store/cloud-account.ts'
import type { Deployment } from '../../../platform/store/deployment.ts'
import { engineAccess } from '../../../platform/store/engine-access.ts'
import { engineKey } from '../../../platform/store/engine-key.ts'
import { openEngineTruth } from '../../../platform/store/engine-truth.ts'
import { readDeployment } from '../../../platform/store/get-deployment.ts'
import type { Database } from '../../../platform/store/open.ts'
import { seedMeters } from '../../../platform/store/seed-meters.ts'
import { stateUrl } from '../../../platform/store/state-url.ts'
import { putUpload } from '../../../platform/store/upload.ts'
import type { Outcome } from '../../../stacks/contract/intents.ts'
import { type Sandbox, startSandbox } from '../../../stacks/sandbox/start.ts'
import { testDatabase } from '../../helpers/postgres.ts'
import { pulumiPath } from '../../helpers/pulumi.ts'
import { waitFor } from '../../helpers/wait-for.ts'

export interface Lab {
  sandbox: Sandbox
  admin(path: string, body?: unknown): Promise<Record<string, unknown>>
  /** Accepts, assigns and hands to the clone; resolves with the final deployment. */
  carry(
    kind: DeploymentKind,
    manifest: Manifest,
    options?: { source?: string; deleteData?: boolean; repair?: boolean; goesBackTo?: string },
  ): Promise<Deployment>
  /** Hands a deployment that was accepted otherwise to the clone; resolves with the final deployment. */
  handOver(deployment: string): Promise<Deployment>
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
  from: { engines?: string; catalog?: string } = {},
): Promise<Lab> {
  const { db, url, drop } = await testDatabase()
  const engine = await loadEngine(code, from.engines, from.catalog)
  const cloud = engine.dna.sandbox
  if (cloud === undefined) throw new Error(`${code} has no sandbox account`)
  const module = sandboxModuleOf(engine)
  if (module === undefined) throw new Error(`${code} has no simulated cloud`)
  const sandbox = await startSandbox({
    databaseUrl: url,
    dataFolder: join(folder, 'sandbox'),
    clouds: [{ engine: code, module, cloudAccount: { id: cloud.cloudAccount, plan: cloud.plan } }],
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
  const meters = metersOf(engine.facts, cloud.plan)
  await seedMeters(
    db,
    cloud.cloudAccount,
    meters.flatMap(({ id, unit, limit, period, scope }) =>
      typeof limit === 'number' && period !== 'window'
        ? [{ meter: id, unit, limit, period, scope: scope === 'account' ? '' : '*' }]
        : [],
    ),
  )

  const access = await engineAccess(db, code)
  const pool = new pg.Pool({ connectionString: access.url, max: 2 })
  pool.on('error', () => undefined)
  let hear: (outcome: Outcome) => Promise<void> = async () => undefined
  const truth = openEngineTruth({ url: access.url, clone: `${code}-1`, key: engineKey(randomBytes(32), code) })
  let work: (deployment: string) => Promise<void> = async () => undefined
  const running = new Set<Promise<void>>()
  const birth: Birth = {
    clone: `${code}-1`,
    host: 'here',
    engine,
    truth: {
      ...truth,
      intents: (order) => {
        const log = truth.intents(order)
        const end = async (intent: string, outcome: Outcome) => {
          await log.end(intent, outcome)
          await hear(outcome)
        }
        return { ...log, end }
      },
    },
    jobs: {
      start: async (given) => {
        work = given
        const settle = async () => void (await Promise.allSettled(running))
        return { drain: settle, close: settle }
      },
    },
    capacity: 2,
    folder: join(folder, 'clone'),
    artifacts: join(folder, 'artifacts'),
    pulumi: { path: await pulumiPath(), version: '3.258.0' },
    stateUrl: (token) => stateUrl(access.url, access.stateTable, token),
    statePool: {
      query: async (text, values) => ({ rows: (await pool.query(text, values)).rows as Record<string, unknown>[] }),
    },
    stateTable: access.stateTable,
    upstreams: sandbox.ready.providers,
    platformApi: `${sandbox.ready.api}/api/${code}`,
    companion: undefined,
    credentials: Object.fromEntries(engine.dna.credentials.map((each) => [each.config, each.sandbox])),
    deadlineCapMs: 5000,
    log: (level, message, data) => {
      if (level === 'error') console.error(message, data)
    },
  }
  const clone = await live(birth)

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
    async carry(kind, manifest, options = {}) {
      const digest = options.source === undefined ? undefined : await upload(account.id, options.source)
      const { deployment } = await accept(db, {
        account: account.id,
        kind,
        workspaceName: manifest.name,
        // What stands is looked at as it stands.
        ...(kind === 'refresh' ? {} : { manifest }),
        ...(digest === undefined ? {} : { source: { kind: 'upload', digest } as const }),
        engine: code,
        region: engine.dna.regions[0] ?? '',
        cloudAccount: cloud.cloudAccount,
        deleteData: options.deleteData ?? false,
        ...(options.repair === undefined ? {} : { repair: options.repair }),
        ...(options.goesBackTo === undefined ? {} : { goesBackTo: options.goesBackTo }),
      })
      return handOver(deployment.id)
    },
    handOver,
    meters: async () => {
      const rows = await db.query<{ meter: string; held: string }>(
        'select meter, sum(held) as held from pipi.meters group by meter having sum(held) > 0 order by meter',
      )
      return Object.fromEntries(rows.map((row) => [row.meter, Number(row.held)]))
    },
    story: (deployment) =>
      db.query('select text, data from pipi.story where deployment = $1 order by seq', [deployment.id]),
    async close() {
      await clone.stop()
      await truth.close()
      await pool.end()
      await sandbox.stop()
      await drop()
    },
  }

  async function handOver(deployment: string): Promise<Deployment> {
    await assign(db, deployment)
    const done = work(deployment)
    running.add(done)
    await done.finally(() => running.delete(done))
    return waitFor('a final state', async () => {
      const now = await readDeployment(db, account.id, deployment)
      return isFinal(now.status) ? now : undefined
    })
  }

  async function upload(owner: string, source: string): Promise<string> {
    const chunks: Buffer[] = []
    for await (const chunk of create({ gzip: true, cwd: source, portable: true }, ['.'])) chunks.push(chunk as Buffer)
    const bytes = Buffer.concat(chunks)
    const digest = createHash('sha256').update(bytes).digest('hex')
    await putUpload(db, owner, digest, bytes)
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
