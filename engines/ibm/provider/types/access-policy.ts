import { z } from 'zod'
import { regionOf, registryOf } from '../../registry.ts'
import type { IbmCloud } from '../cloud.ts'
import { POLICIES } from '../iam.ts'
import { type Read, resourceType } from '../resource-type.ts'

const ROLE = 'crn:v1:bluemix:public:iam::::serviceRole:'
const attributesSchema = z.looseObject({
  attributes: z.array(z.looseObject({ name: z.string(), value: z.string() })).default([]),
})
const foundSchema = z.looseObject({
  id: z.string(),
  state: z.string().optional(),
  subjects: z.array(attributesSchema).default([]),
  roles: z.array(z.looseObject({ role_id: z.string() })).default([]),
  resources: z.array(attributesSchema).default([]),
})
type Found = z.infer<typeof foundSchema>
const pageSchema = z.looseObject({ policies: z.array(foundSchema).default([]) })

/**
 * Lets somebody do something in one namespace of images and nowhere else. Its id is IAM's; a look-up names it as
 * `of:<iamId>`, since whoever is made for that has no other one.
 */
export const accessPolicy = resourceType({
  inputs: z.strictObject({
    iamId: z.string().startsWith('iam-'),
    role: z.enum(['Reader', 'Writer', 'Manager']),
    registry: z.string().refine((host) => regionOf(host) !== undefined, 'the host of a regional registry'),
    namespace: z.string().min(4).max(30),
  }),
  replaces: ['iamId', 'role', 'registry', 'namespace'],
  gives: [],
  withinMs: 120_000,
  async create({ iamId, role, registry, namespace }, cloud, urn) {
    const attribute = ([name, value]: [string, string]) => ({ name, value })
    const body = {
      type: 'access',
      subjects: [{ attributes: [attribute(['iam_id', iamId])] }],
      roles: [{ role_id: `${ROLE}${role}` }],
      resources: [
        {
          attributes: Object.entries({
            accountId: await cloud.account(),
            serviceName: 'container-registry',
            region: regionOf(registry) ?? '',
            resourceType: 'namespace',
            resource: namespace,
          }).map(attribute),
        },
      ],
    }
    const find = () => findOf(cloud, iamId)
    await cloud.make({ method: 'POST', url: POLICIES, body, urn }, find)
    return shown(await cloud.until(`the making of a policy for ${iamId}`, find))
  },
  async read(id, cloud) {
    if (id.startsWith('of:')) {
      const found = await findOf(cloud, id.slice('of:'.length))
      return found && shown(found)
    }
    const found = await cloud.ask({ method: 'GET', url: `${POLICIES}/${id}` })
    const one = found && foundSchema.parse(found)
    return one === undefined || one.state === 'deleted' ? undefined : shown(one)
  },
  async remove(id, cloud, urn) {
    await cloud.ask({ method: 'DELETE', url: `${POLICIES}/${id}`, urn })
  },
})

async function findOf(cloud: IbmCloud, iamId: string): Promise<Found | undefined> {
  const query = { account_id: await cloud.account(), iam_id: iamId }
  const page = pageSchema.parse((await cloud.ask({ method: 'GET', url: POLICIES, query })) ?? {})
  return page.policies.find((one) => one.state !== 'deleted' && attributeOf(one.subjects, 'iam_id') === iamId)
}

function shown({ id, subjects, roles, resources }: Found): Read {
  const values = {
    iamId: attributeOf(subjects, 'iam_id'),
    role: roles[0]?.role_id.split(':').at(-1) ?? '',
    registry: registryOf(attributeOf(resources, 'region')),
    namespace: attributeOf(resources, 'resource'),
  }
  return { id, inputs: values, outputs: values }
}

function attributeOf(all: Found['subjects'], name: string): string {
  return all.flatMap(({ attributes }) => attributes).find((one) => one.name === name)?.value ?? ''
}
