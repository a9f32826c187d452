import { z } from 'zod'
import { PartialFailure } from '../../../../stacks/contract/provider.ts'
import type { IbmCloud } from '../cloud.ts'
import { codeEngine, codeEngineProjects } from '../code-engine.ts'
import { reclaim } from '../reclaim.ts'
import { type Read, resourceType } from '../resource-type.ts'

const projectSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  region: z.string().optional(),
  status: z.string().optional(),
})
const pageSchema = z.looseObject({
  projects: z.array(projectSchema).default([]),
  next: z.looseObject({ start: z.string() }).nullish(),
})
/** Gone for us: it is kept for seven days, in which it can be brought back and counts against the 20 of a region. */
const GONE = ['soft_deleted', 'hard_deleting', 'hard_deleted', 'pending_removal', 'deleting']

/** A folder for what runs; free of charge. Its id is `<region>/<guid>`; a look-up names it as `<region>/name:<name>`. */
export const project = resourceType({
  inputs: z.strictObject({
    name: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/),
    region: z.string().regex(/^[a-z]{2}-[a-z]{2,6}$/),
  }),
  replaces: ['name', 'region'],
  gives: [],
  withinMs: 600_000,
  async create({ name, region }, cloud, urn) {
    const url = codeEngineProjects(region)
    const body = { name, resource_group_id: cloud.resourceGroup }
    const find = () => findByName(cloud, region, name)
    await cloud.make({ method: 'POST', url, body, urn }, find)
    const made = await cloud.until(`the making of project ${name}`, find)
    const id = `${region}/${made.id}`
    try {
      await cloud.until(`the making of project ${name}`, async () => {
        const { status } = projectSchema.parse(await cloud.ask({ method: 'GET', url: codeEngine(id) }))
        if (status === 'creation_failed') throw new Error(`project ${name} could not be made: ${status}`)
        return status === 'active' ? true : undefined
      })
    } catch (error) {
      throw new PartialFailure(error instanceof Error ? error.message : String(error), id, { name, region })
    }
    return { id, outputs: { name, region } }
  },
  async read(id, cloud) {
    const [region = '', named = ''] = id.split('/')
    if (named.startsWith('name:')) {
      const found = await findByName(cloud, region, named.slice('name:'.length))
      return found && shown(region, found)
    }
    const found = await cloud.ask({ method: 'GET', url: codeEngine(id) })
    const one = found && projectSchema.parse(found)
    return one === undefined || GONE.includes(one.status ?? '') ? undefined : shown(region, one)
  },
  async remove(id, cloud, urn) {
    await cloud.ask({ method: 'DELETE', url: codeEngine(id), urn })
    await cloud.until(`the removal of project ${id}`, async () => {
      const found = await cloud.ask({ method: 'GET', url: codeEngine(id) })
      const status = found && projectSchema.parse(found).status
      return status === undefined || (GONE.includes(status) && status !== 'deleting') ? true : undefined
    })
    await reclaim(cloud, id.split('/')[1] ?? '', urn)
  },
})

function shown(region: string, { id, name }: z.infer<typeof projectSchema>): Read {
  return { id: `${region}/${id}`, inputs: { name, region }, outputs: { name, region } }
}

/** Names are unique among what lives in a region. */
async function findByName(cloud: IbmCloud, region: string, name: string) {
  for (let start: string | undefined; ; ) {
    const query = { limit: '100', ...(start === undefined ? {} : { start }) }
    const page = pageSchema.parse((await cloud.ask({ method: 'GET', url: codeEngineProjects(region), query })) ?? {})
    const found = page.projects.find((one) => one.name === name && !GONE.includes(one.status ?? ''))
    if (found !== undefined) return found
    start = page.next?.start
    if (start === undefined) return undefined
  }
}
