import type { SimulatedResource } from '../../../stacks/contract/sandbox.ts'

const SIZES = /^(s|c|g|gd|m|so)-\d+vcpu-\d+(mb|gb)(-[a-z0-9-]+)?$/
const REGIONS = ['nyc1', 'nyc3', 'ams3', 'fra1', 'lon1', 'sfo2', 'sfo3', 'sgp1', 'tor1', 'blr1', 'syd1']

export const DROPLET = 'digitalocean:index/droplet:Droplet'

/** What costs money from its first hour: here so that a hole in the lock would show on the bill. */
export const billable: Record<string, SimulatedResource> = {
  [DROPLET]: {
    replaceOn: ['image', 'region'],
    async check(inputs) {
      const failures: { property: string; reason: string }[] = []
      const { size, region } = inputs
      if (typeof size === 'string' && !SIZES.test(size))
        failures.push({
          property: 'size',
          reason:
            'POST https://api.digitalocean.com/v2/droplets: 422 You specified an invalid size for Droplet creation.',
        })
      if (typeof region === 'string' && !REGIONS.includes(region))
        failures.push({
          property: 'region',
          reason:
            'POST https://api.digitalocean.com/v2/droplets: 422 You specified an invalid region for Droplet creation.',
        })
      return { failures }
    },
    async create(inputs, world) {
      const id = String(500_000_000 + (Number.parseInt(world.hex(7), 16) % 99_999_999))
      return {
        id,
        outputs: { ...inputs, dropletUrn: `do:droplet:${id}`, status: 'active', ipv4Address: '203.0.113.141' },
      }
    },
  },
}
