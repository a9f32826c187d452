import type { Json, SimulatedResource, StoredResource, World } from '../../../stacks/contract/sandbox.ts'
import { guidOf } from './identify.ts'
import { Refusal } from './refusal.ts'
import { DATABASE, INSTANCE, KEY, OTHER } from './types.ts'

/** The resource controller's instances and keys, and Cloudant's databases. */
export const services: Record<string, SimulatedResource> = {
  [INSTANCE]: {
    replaceOn: ['name', 'region', 'plan'],
    async create(inputs, world) {
      const lite = (await world.list(INSTANCE)).filter((one) => one.inputs.plan === 'lite')
      if (inputs.plan === 'lite' && lite.length > 0)
        throw new Refusal(403, 'plan_limit', 'You can only have one instance of a Lite plan per service.')
      const guid = guidOf(world.hex(32))
      const crn = crnOf('cloudantnosqldb', inputs, guid, world)
      const host = `${guid}-bluemix.cloudantnosqldb.appdomain.cloud`
      return { id: guid, outputs: { ...inputs, crn, host, created_at: new Date(world.now()).toISOString() } }
    },
  },
  [DATABASE]: {
    replaceOn: ['host', 'name'],
    async create(inputs) {
      return { id: `${String(inputs.host)}/${String(inputs.name)}`, outputs: { ...inputs } }
    },
  },
  [KEY]: {
    replaceOn: ['name', 'source', 'role'],
    async create(inputs, world) {
      if ((await ofCrn(String(inputs.source), world)) === undefined)
        throw new Refusal(404, 'not_found', `there is no instance ${String(inputs.source)}`)
      return { id: guidOf(world.hex(32)), outputs: { ...inputs, apikey: `s-${world.cloudAccount}-${world.hex(10)}` } }
    },
  },
  [OTHER]: {
    replaceOn: ['name', 'service', 'plan'],
    async create(inputs, world) {
      const guid = guidOf(world.hex(32))
      return { id: guid, outputs: { ...inputs, crn: crnOf(String(inputs.service), inputs, guid, world) } }
    },
  },
}

async function ofCrn(crn: string, world: World): Promise<StoredResource | undefined> {
  return (await world.list()).find((one) => [INSTANCE, OTHER].includes(one.type) && one.outputs.crn === crn)
}

function crnOf(service: string, { region }: Json, guid: string, world: World): string {
  return `crn:v1:bluemix:public:${service}:${String(region ?? 'global')}:a/${world.cloudAccount}:${guid}::`
}
