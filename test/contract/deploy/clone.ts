import { randomBytes } from 'node:crypto'
import { metersOf } from '../../../catalog/meters.ts'
import type { Engine } from '../../../engines/contract/engine.ts'
import type { Manifest } from '../../../engines/contract/manifest.ts'
import { isFinal } from '../../../factory/contract/status.ts'
import { accept } from '../../../platform/store/accept.ts'
import { openAccount } from '../../../platform/store/account.ts'
import { assign } from '../../../platform/store/assign.ts'
import { openCloudAccount } from '../../../platform/store/cloud-account.ts'
import type { Deployment } from '../../../platform/store/deployment.ts'
import { engineAccess } from '../../../platform/store/engine-access.ts'
import { engineKey } from '../../../platform/store/engine-key.ts'
import { readDeployment } from '../../../platform/store/get-deployment.ts'
import { type Database, openStore } from '../../../platform/store/open.ts'
import { seedMeters } from '../../../platform/store/seed-meters.ts'
import { readState, type StateResource } from '../../../stacks/state/read.ts'
import { foldersIn, sprout } from '../../factory/stem-cell/seed.ts'
import { waitFor } from '../../helpers/wait-for.ts'

export interface PlaceToDeploy {
  /** gRPC address by provider name: plugins. */
  upstreams: Record<string, string>
  /** Provider configuration beside the engine's own: credentials, and where an emulator answers. */
  credentials: Record<string, string>
  /** Base of a simulated platform's HTTP API; undefined: the platform itself. */
  platformApi: string | undefined
  account: { id: string; plan: string }
}

export interface DeployOptions extends PlaceToDeploy {
  engine: Engine
  db: Database
  source: { url: string; ref: string }
  /** A base image that runs `node`, by digest; without one no container is deployed. */
  base?: string | undefined
  folder: string
  /** Path of the Pulumi CLI. */
  pulumi: string
  /** How long one deployment may take, milliseconds. */
  withinMs: number
}

/** A clone of an engine at work through plugins: the ledger, the driver, the guard and its relay are the product's own. */
export interface PluginClone {
  carry(kind: 'deploy' | 'destroy', manifest: Manifest): Promise<Deployment>
  /** What the stack of a deployment holds. */
  resources(deployment: Deployment): Promise<StateResource[]>
  /** Id of the workspace that a deployment is of. */
  workspaceOf(deployment: Deployment): Promise<string>
  close(): Promise<void>
}

export async function openClone(options: DeployOptions): Promise<PluginClone> {
  const { engine, db, account, folder, withinMs } = options
  const { code } = engine.dna
  const owner = await openAccount(db, 'contract')
  await openCloudAccount(db, owner.id, { ...account, engine: code, consentWatched: true })
  await seedMeters(
    db,
    account.id,
    metersOf(engine.facts, account.plan).flatMap(({ id, unit, limit, period, scope }) =>
      limit !== 'host' && period !== 'window'
        ? [{ meter: id, unit, limit, period, scope: scope === 'account' ? '' : '*' }]
        : [],
    ),
  )
  const access = await engineAccess(db, code)
  // As its role sees them: states of other engines are not there for it.
  const states = openStore(access.url, { connections: 1 })
  const { work, close } = await sprout({
    ...{ code, clone: `${code}-contract`, url: access.url, stateTable: access.stateTable },
    ...foldersIn(folder),
    key: engineKey(randomBytes(32), code).toString('hex'),
    upstreams: options.upstreams,
    ...(options.platformApi === undefined ? {} : { platformApi: options.platformApi }),
    credentials: options.credentials,
    deadlineCapMs: withinMs,
    pulumi: options.pulumi,
  })
  const workspaceOf = async ({ id }: Deployment) => {
    const [row] = await db.query<{ workspace: string }>('select workspace from pipi.deployments where id = $1', [id])
    return row?.workspace ?? ''
  }
  return {
    workspaceOf,
    async carry(kind, manifest) {
      const { url, ref } = options.source
      const { deployment } = await accept(db, {
        ...{ account: owner.id, kind, workspaceName: manifest.name, manifest, engine: code, deleteData: true },
        source: { kind: 'git', local: url.startsWith('file:'), url, ref, path: '.' },
        region: engine.dna.regions[0] ?? '',
        cloudAccount: account.id,
      })
      await assign(db, deployment.id)
      return waitFor(
        'a final state',
        async () => {
          await work(deployment.id)
          const now = await readDeployment(db, owner.id, deployment.id)
          return isFinal(now.status) ? now : undefined
        },
        { timeoutMs: withinMs, everyMs: 200 },
      )
    },
    async resources(deployment) {
      const query = async (text: string, values: unknown[]) => ({ rows: await states.query(text, values) })
      const source = { table: access.stateTable, query }
      return (await readState(source, `pipi-${code}`, await workspaceOf(deployment))).resources
    },
    async close() {
      await close()
      await states.close()
    },
  }
}
