import { setTimeout as pause } from 'node:timers/promises'
import { FINAL } from '../../../factory/contract/status.ts'
import { deploymentSchema, type ShownDeployment } from '../../cli/wire.ts'
import type { RealWorld } from './real-world.ts'

/** A take-over waits for a lease, and then for the provider's own deadline, and the machine may be busy. */
const PATIENCE_MS = 300_000
const LOOK_MS = 150

/** A deployment once it has ended; undefined when it does not. */
export async function endOf(world: RealWorld, id: string, signal: AbortSignal): Promise<ShownDeployment | undefined> {
  const until = performance.now() + PATIENCE_MS
  while (performance.now() < until) {
    const seen = deploymentSchema.parse(await world.client.get(`/v1/deployments/${id}`))
    if ((FINAL as readonly string[]).includes(seen.status)) return seen
    await pause(LOOK_MS, undefined, { signal })
  }
  return undefined
}
