import type { SimulatedResource } from '../../../stacks/contract/sandbox.ts'
import { projectOf } from './identify.ts'
import { labelled, text } from './values.ts'

/** What costs money from its first hour: here so that a hole in the lock would show on the bill. */
export const billable: Record<string, SimulatedResource> = {
  'gcp:compute/instance:Instance': {
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
  'gcp:compute/address:Address': {
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
