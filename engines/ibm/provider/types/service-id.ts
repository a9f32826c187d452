import { z } from 'zod'
import type { IbmCloud } from '../cloud.ts'
import { IDENTITIES } from '../iam.ts'
import { type Read, resourceType } from '../resource-type.ts'

const URL = `${IDENTITIES}/serviceids`
const foundSchema = z.looseObject({ id: z.string(), iam_id: z.string(), name: z.string() })
type Found = z.infer<typeof foundSchema>
const pageSchema = z.looseObject({ serviceids: z.array(foundSchema).default([]) })

/** Somebody who is no person, and may do nothing by himself. Its id is IAM's; a look-up names it as `name:<name>`. */
export const serviceId = resourceType({
  inputs: z.strictObject({ name: z.string().min(1).max(180) }),
  replaces: ['name'],
  gives: ['iamId'],
  withinMs: 120_000,
  async create({ name }, cloud, urn) {
    const body = { name, account_id: await cloud.account(), description: 'Pulls the images of one workspace.' }
    const find = () => findByName(cloud, name)
    await cloud.make({ method: 'POST', url: URL, body, urn }, find)
    return shown(await cloud.until(`the making of service ID ${name}`, find))
  },
  async read(id, cloud) {
    if (id.startsWith('name:')) {
      const found = await findByName(cloud, id.slice('name:'.length))
      return found && shown(found)
    }
    const found = await cloud.ask({ method: 'GET', url: `${URL}/${id}` })
    return found && shown(foundSchema.parse(found))
  },
  async remove(id, cloud, urn) {
    await cloud.ask({ method: 'DELETE', url: `${URL}/${id}`, urn })
  },
})

async function findByName(cloud: IbmCloud, name: string): Promise<Found | undefined> {
  const query = { account_id: await cloud.account(), name, pagesize: '100' }
  const page = pageSchema.parse((await cloud.ask({ method: 'GET', url: URL, query })) ?? {})
  return page.serviceids.find((one) => one.name === name)
}

function shown({ id, iam_id, name }: Found): Read {
  return { id, inputs: { name }, outputs: { name, iamId: iam_id } }
}
