import { z } from 'zod'
import { Secret } from '../../../../stacks/wire/values.ts'
import type { IbmCloud } from '../cloud.ts'
import { type Read, resourceType } from '../resource-type.ts'

const URL = 'https://resource-controller.cloud.ibm.com/v2/resource_keys'

const keySchema = z.looseObject({
  guid: z.string(),
  name: z.string(),
  source_crn: z.string(),
  role: z.string().optional(),
  state: z.string().optional(),
  credentials: z.looseObject({ apikey: z.string().optional(), iam_role_crn: z.string().optional() }).default({}),
})
type Found = z.infer<typeof keySchema>
const pageSchema = z.looseObject({ resources: z.array(keySchema).default([]) })

/** An API key of its own for who works with an instance. Its id is its GUID; a look-up names it as `name:<name>`. */
export const key = resourceType({
  inputs: z.strictObject({
    name: z.string().min(1).max(180),
    /** CRN of the instance. */
    source: z.string().startsWith('crn:'),
    role: z.enum(['Reader', 'Writer', 'Manager']),
  }),
  replaces: ['name', 'source', 'role'],
  gives: ['apikey'],
  withinMs: 120_000,
  async create({ name, source, role }, cloud, urn) {
    const find = () => findByName(cloud, name)
    await cloud.make({ method: 'POST', url: URL, body: { name, source, role }, urn }, find)
    const made = await cloud.until(`the making of key ${name}`, find)
    return shown(made)
  },
  async read(id, cloud) {
    if (id.startsWith('name:')) {
      const found = await findByName(cloud, id.slice('name:'.length))
      return found && shown(found)
    }
    const found = await cloud.ask({ method: 'GET', url: `${URL}/${id}` })
    const one = found && keySchema.parse(found)
    return one === undefined || one.state === 'removed' ? undefined : shown(one)
  },
  async remove(id, cloud, urn) {
    await cloud.ask({ method: 'DELETE', url: `${URL}/${id}`, urn })
  },
})

async function findByName(cloud: IbmCloud, name: string): Promise<Found | undefined> {
  const page = pageSchema.parse((await cloud.ask({ method: 'GET', url: URL, query: { name } })) ?? {})
  return page.resources.find((one) => one.name === name && one.state !== 'removed')
}

function shown({ guid, name, source_crn, role, credentials }: Found): Read {
  // `crn:v1:bluemix:public:iam::::serviceRole:Writer`
  const given = role ?? credentials.iam_role_crn
  const inputs = { name, source: source_crn, role: given?.split(':').at(-1) ?? '' }
  return { id: guid, inputs, outputs: { ...inputs, apikey: new Secret(credentials.apikey ?? '') } }
}
