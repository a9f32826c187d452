import type { SimulatedResource } from '../../../stacks/contract/sandbox.ts'
import { INSTANCE, instance } from './instance.ts'
import { made } from './made.ts'

/** Machines and their disks. */
export const compute: Record<string, SimulatedResource> = {
  [INSTANCE]: instance,
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
