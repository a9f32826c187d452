import type { Values } from '../../contract/provider.ts'
import type { SimulatedCloud } from '../../contract/sandbox.ts'
import { decode } from '../../wire/values.ts'
import type { Host } from '../host.ts'
import type { LateCreate } from '../late.ts'
import { createResource } from './create.ts'
import { worldOf } from './world.ts'

/** Makes what was late; nobody waits for the answer, so the call's record holds it. */
export async function performLate(host: Host, clouds: SimulatedCloud[], one: LateCreate): Promise<void> {
  const { owner, region, call, type, urn } = one
  try {
    const resource = clouds.find((cloud) => cloud.engine === owner.engine)?.resources[type]
    if (resource === undefined) throw new Error(`unknown resource type "${type}"`)
    const world = worldOf(host, owner, region, `call ${call}`)
    const made = await createResource({ host, owner, resource, type, urn, inputs: decode(one.wire) as Values, world })
    await host.calls.end(call, { kind: 'late', id: made.id })
  } catch (error) {
    const message = `late: ${error instanceof Error ? error.message : String(error)}`
    await host.calls.end(call, { kind: 'failed', id: undefined, message })
  }
}
