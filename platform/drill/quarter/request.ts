import type { Birth } from '../../../factory/contract/stem-cell.ts'
import type { OrderSource } from '../../../factory/contract/truth.ts'
import { accept } from '../../store/accept.ts'
import { assign } from '../../store/assign.ts'
import type { LightWorld } from '../light/light-world.ts'
import { manifestOf } from './asked.ts'
import type { Life, Size } from './lives.ts'

/** Where and when it is asked. */
export interface Asking {
  world: LightWorld
  birth: Birth
  cloudAccount: string
  /** By the ledger's clock, ISO 8601, of an hour of the quarter. */
  timeOf(hour: number): string
}

/** Accepts and assigns what a life asks for, as its owner would have asked; gives the deployment's id. */
export async function request(
  { world, birth, cloudAccount, timeOf }: Asking,
  { life, source, version }: { life: Life; source: number; version: number },
  kind: 'deploy' | 'destroy',
  size: Size,
): Promise<string> {
  const from = world.artifacts.sources[source] as OrderSource
  const { deployment } = await accept(world.db, {
    account: world.owner,
    kind,
    workspaceName: life.name,
    ...(kind === 'destroy' ? {} : { manifest: manifestOf(life, size, version), source: from }),
    engine: birth.engine.dna.code,
    region: life.region,
    cloudAccount,
    ...(life.ttl && kind === 'deploy' ? { endsAt: timeOf(life.until) } : {}),
    by: 'drill',
  })
  await assign(world.db, deployment.id)
  return deployment.id
}
