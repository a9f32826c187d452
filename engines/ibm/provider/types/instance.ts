import { z } from 'zod'
import { PartialFailure } from '../../../../stacks/contract/provider.ts'
import type { IbmCloud } from '../cloud.ts'
import { type Read, resourceType } from '../resource-type.ts'

const URL = 'https://resource-controller.cloud.ibm.com/v2/resource_instances'
const PLANS = { lite: 'cloudant-lite', standard: 'cloudant-standard' } as const

const instanceSchema = z.looseObject({
  guid: z.string(),
  crn: z.string(),
  name: z.string(),
  state: z.string(),
  region_id: z.string(),
  resource_plan_id: z.string(),
  extensions: z.looseObject({ endpoints: z.looseObject({ public: z.string() }).optional() }).nullish(),
})
type Found = z.infer<typeof instanceSchema>
const pageSchema = z.looseObject({ resources: z.array(instanceSchema).default([]) })

/** Where documents are kept. Its id is its GUID; a look-up names it as `name:<name>`, since names are not unique to IBM. */
export const instance = resourceType({
  inputs: z.strictObject({
    name: z.string().min(1).max(180),
    region: z.string().regex(/^[a-z]{2}-[a-z]{2,6}$/),
    plan: z.enum(['lite', 'standard']),
  }),
  replaces: ['name', 'region', 'plan'],
  gives: ['crn', 'host'],
  withinMs: 900_000,
  async create({ name, region, plan }, cloud, urn) {
    const find = () => findByName(cloud, name)
    const body = {
      name,
      target: region,
      resource_group: cloud.resourceGroup,
      resource_plan_id: PLANS[plan],
      // Passwords that IAM knows nothing of.
      parameters: { legacyCredentials: false },
    }
    await cloud.make({ method: 'POST', url: URL, body, urn }, find)
    const made = await cloud.until(`the making of instance ${name}`, find)
    const given = { name, region, plan }
    try {
      return await cloud.until(`the making of instance ${name}`, async () => {
        const found = await findById(cloud, made.guid)
        if (found?.state === 'failed') throw new Error(`instance ${name} could not be made`)
        return found?.state === 'active' && found.extensions?.endpoints !== undefined ? shown(found) : undefined
      })
    } catch (error) {
      throw new PartialFailure(error instanceof Error ? error.message : String(error), made.guid, given)
    }
  },
  async read(id, cloud) {
    const found = id.startsWith('name:') ? await findByName(cloud, id.slice('name:'.length)) : await findById(cloud, id)
    return found && shown(found)
  },
  async remove(id, cloud, urn) {
    await cloud.ask({ method: 'DELETE', url: `${URL}/${id}`, query: { recursive: 'true' }, urn })
    await cloud.until(`the removal of instance ${id}`, async () =>
      (await findById(cloud, id)) === undefined ? true : undefined,
    )
  },
})

async function findByName(cloud: IbmCloud, name: string): Promise<Found | undefined> {
  const page = pageSchema.parse((await cloud.ask({ method: 'GET', url: URL, query: { name } })) ?? {})
  return page.resources.find((one) => one.name === name && lives(one))
}

async function findById(cloud: IbmCloud, id: string): Promise<Found | undefined> {
  const found = await cloud.ask({ method: 'GET', url: `${URL}/${id}` })
  const one = found && instanceSchema.parse(found)
  return one !== undefined && lives(one) ? one : undefined
}

/** What was removed can be brought back for seven days, by its owner only. */
function lives({ state, resource_plan_id }: Found): boolean {
  return (
    !['removed', 'pending_removal', 'pending_reclamation'].includes(state) && resource_plan_id.startsWith('cloudant-')
  )
}

function shown(found: Found): Read {
  const plan = Object.entries(PLANS).find(([, id]) => id === found.resource_plan_id)?.[0] ?? found.resource_plan_id
  const inputs = { name: found.name, region: found.region_id, plan }
  const host = found.extensions?.endpoints?.public ?? ''
  return { id: found.guid, inputs, outputs: { ...inputs, crn: found.crn, host } }
}
