import type { Json, SimulatedResource, World } from '../../../stacks/contract/sandbox.ts'

const SHAPES = /^(VM|BM)\.[A-Za-z0-9.]+$/

/** Machines and their disks. */
export const compute: Record<string, SimulatedResource> = {
  'oci:Core/instance:Instance': {
    replaceOn: ['availabilityDomain', 'sourceDetails', 'subnetId'],
    async check(inputs) {
      const failures = []
      if (typeof inputs.shape === 'string' && !SHAPES.test(inputs.shape))
        failures.push({ property: 'shape', reason: `400-InvalidParameter, Invalid shape ${inputs.shape}` })
      return { failures }
    },
    create: async (inputs, world) => made('instance', inputs, world, { state: 'RUNNING', publicIp: '203.0.113.20' }),
  },
  'oci:Core/volume:Volume': {
    replaceOn: ['availabilityDomain', 'compartmentId'],
    create: async (inputs, world) => made('volume', inputs, world),
  },
  'oci:Core/bootVolume:BootVolume': {
    replaceOn: ['availabilityDomain', 'compartmentId'],
    create: async (inputs, world) => made('bootvolume', inputs, world),
  },
  'oci:Core/volumeBackup:VolumeBackup': {
    replaceOn: ['volumeId'],
    create: async (inputs, world) => made('volumebackup', inputs, world),
  },
  'oci:LoadBalancer/loadBalancer:LoadBalancer': {
    replaceOn: ['compartmentId', 'subnetIds'],
    create: async (inputs, world) => made('loadbalancer', inputs, world),
  },
}

/** A new thing with an id as the platform gives them. */
export function made(
  kind: string,
  inputs: Json,
  world: World,
  more: Json = { state: 'AVAILABLE' },
): { id: string; outputs: Json } {
  return {
    id: `ocid1.${kind}.oc1.${world.region}.${world.hex(60)}`,
    outputs: { ...inputs, timeCreated: new Date(world.now()).toISOString(), ...more },
  }
}
