import type { SimulatedResource } from '../../../stacks/contract/sandbox.ts'
import { projectOf } from './identify.ts'
import { labelled, text } from './values.ts'

export const INSTANCE = 'gcp:compute/instance:Instance'
export const ADDRESS = 'gcp:compute/address:Address'

/** What costs money from its first hour: here so that a hole in the lock would show on the bill. */
export const billable: Record<string, SimulatedResource> = {
  [INSTANCE]: {
    replaceOn: ['name', 'zone'],
    tagProperty: 'labels',
    async create(inputs, world) {
      const name = text(inputs, 'name') ?? `instance-${world.hex(7)}`
      const zone = text(inputs, 'zone') ?? `${world.region}-a`
      return {
        id: `projects/${projectOf(world.cloudAccount)}/zones/${zone}/instances/${name}`,
        outputs: { ...inputs, ...labelled(inputs), name, zone, currentStatus: 'RUNNING' },
      }
    },
  },
  [ADDRESS]: {
    replaceOn: ['name', 'region'],
    async create(inputs, world) {
      const name = text(inputs, 'name') ?? `address-${world.hex(7)}`
      return {
        id: `projects/${projectOf(world.cloudAccount)}/regions/${world.region}/addresses/${name}`,
        outputs: { ...inputs, name, address: '203.0.113.77' },
      }
    },
  },
}
