import type { SimulatedResource } from '../../../stacks/contract/sandbox.ts'

export const DOMAIN = 'digitalocean:index/domain:Domain'
export const REGISTRY = 'digitalocean:index/containerRegistry:ContainerRegistry'
const TIERS = ['starter', 'basic', 'professional']
const POST = 'POST https://api.digitalocean.com/v2'

/** What is told apart by its name alone: domains, and the one registry of a team. */
export const names: Record<string, SimulatedResource> = {
  [DOMAIN]: {
    replaceOn: ['name'],
    unique: ({ name }) =>
      typeof name === 'string' ? { name, taken: `${POST}/domains: 422 Domain '${name}' already exists.` } : undefined,
    async create(inputs) {
      const name = String(inputs.name)
      return { id: name, outputs: { ...inputs, domainUrn: `do:domain:${name}`, ttl: 1800 } }
    },
  },
  [REGISTRY]: {
    replaceOn: ['name', 'region'],
    deleteBeforeReplace: true,
    unique: () => ({ name: 'registry', taken: `${POST}/registry: 409 the team has a registry already` }),
    async check(inputs) {
      const tier = inputs.subscriptionTierSlug
      return {
        failures:
          tier === undefined || TIERS.includes(String(tier))
            ? []
            : [{ property: 'subscriptionTierSlug', reason: `${POST}/registry: 422 invalid subscription tier slug` }],
      }
    },
    async create(inputs) {
      const name = String(inputs.name)
      return {
        id: name,
        outputs: { ...inputs, endpoint: `registry.digitalocean.com/${name}`, serverUrl: 'registry.digitalocean.com' },
      }
    },
  },
}
