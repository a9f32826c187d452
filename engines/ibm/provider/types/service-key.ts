import { z } from 'zod'
import { Secret } from '../../../../stacks/wire/values.ts'
import type { IbmCloud } from '../cloud.ts'
import { IDENTITIES } from '../iam.ts'
import { type Read, resourceType } from '../resource-type.ts'

const URL = `${IDENTITIES}/apikeys`
const foundSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  iam_id: z.string(),
  apikey: z.string().optional(),
})
type Found = z.infer<typeof foundSchema>
const pageSchema = z.looseObject({ apikeys: z.array(foundSchema).default([]) })

/** The one API key of a service ID. Its id is IAM's; a look-up names it as `of:<iamId>`. */
export const serviceKey = resourceType({
  inputs: z.strictObject({ name: z.string().min(1).max(180), iamId: z.string().startsWith('iam-ServiceId-') }),
  replaces: ['name', 'iamId'],
  gives: ['apikey'],
  withinMs: 120_000,
  async create({ name, iamId }, cloud, urn) {
    // Kept by IAM, or nobody could read it again when the answer is lost.
    const body = { name, iam_id: iamId, account_id: await cloud.account(), store_value: true }
    const find = () => findOf(cloud, iamId, name)
    await cloud.make({ method: 'POST', url: URL, body, urn }, find)
    return shown(await cloud.until(`the making of key ${name}`, find))
  },
  async read(id, cloud) {
    const found = id.startsWith('of:') ? await findOf(cloud, id.slice('of:'.length)) : await findById(cloud, id)
    return found && shown(found)
  },
  async remove(id, cloud, urn) {
    await cloud.ask({ method: 'DELETE', url: `${URL}/${id}`, urn })
  },
})

/** A list holds no values. */
async function findOf(cloud: IbmCloud, iamId: string, name?: string): Promise<Found | undefined> {
  const query = { account_id: await cloud.account(), iam_id: iamId, pagesize: '100' }
  const page = pageSchema.parse((await cloud.ask({ method: 'GET', url: URL, query })) ?? {})
  const found = page.apikeys.find((one) => one.iam_id === iamId && (name === undefined || one.name === name))
  return found && findById(cloud, found.id)
}

async function findById(cloud: IbmCloud, id: string): Promise<Found | undefined> {
  const found = await cloud.ask({ method: 'GET', url: `${URL}/${id}` })
  return found && foundSchema.parse(found)
}

function shown({ id, name, iam_id, apikey }: Found): Read {
  const inputs = { name, iamId: iam_id }
  return { id, inputs, outputs: { ...inputs, apikey: new Secret(apikey ?? '') } }
}
