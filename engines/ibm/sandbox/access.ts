import type { SimulatedResource, World } from '../../../stacks/contract/sandbox.ts'
import { guidOf } from './identify.ts'
import { Refusal } from './refusal.ts'
import { POLICY, SERVICE_ID, SERVICE_KEY } from './types.ts'

/** IAM's service IDs with what they may do, and their keys. */
export const access: Record<string, SimulatedResource> = {
  [SERVICE_ID]: {
    replaceOn: ['name'],
    async create(inputs, world) {
      const id = `ServiceId-${guidOf(world.hex(32))}`
      return { id, outputs: { ...inputs, iamId: `iam-${id}` } }
    },
  },
  [POLICY]: {
    replaceOn: ['iamId', 'role', 'registry', 'namespace'],
    async create(inputs, world) {
      await known(inputs.iamId, world)
      return { id: guidOf(world.hex(32)), outputs: { ...inputs } }
    },
  },
  [SERVICE_KEY]: {
    replaceOn: ['name', 'iamId'],
    async create(inputs, world) {
      await known(inputs.iamId, world)
      const apikey = `s-${world.cloudAccount}-${world.hex(10)}`
      return { id: `ApiKey-${guidOf(world.hex(32))}`, outputs: { ...inputs, apikey } }
    },
    secretOutputs: ['apikey'],
  },
}

/** Whether who shows this key may pull from a namespace: only service IDs are asked for their policies here. */
export async function mayPull(
  world: World,
  apikey: unknown,
  place: { registry: string; namespace: string },
): Promise<boolean> {
  const key = (await world.list(SERVICE_KEY)).find((one) => one.outputs.apikey === apikey)
  const policies = (await world.list(POLICY)).filter((one) => one.inputs.iamId === key?.inputs.iamId)
  return policies.some(
    ({ inputs }) => inputs.registry === place.registry && (inputs.namespace ?? place.namespace) === place.namespace,
  )
}

async function known(iamId: unknown, world: World): Promise<void> {
  if (!(await world.list(SERVICE_ID)).some((one) => one.outputs.iamId === iamId))
    throw new Refusal(404, 'not_found', `there is no service ID ${String(iamId)}`)
}
