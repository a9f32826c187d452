import { z } from 'zod'
import { Secret as Marked } from '../../../../stacks/wire/values.ts'
import { codeEngine, partsOf } from '../code-engine.ts'
import { type Read, resourceType } from '../resource-type.ts'

const secretSchema = z.looseObject({
  name: z.string(),
  format: z.string().default('generic'),
  entity_tag: z.string(),
  data: z.record(z.string(), z.string()).default({}),
})

/** Kept by Code Engine: variables that an environment is made of, or the login of a registry that images come from. */
export const secret = resourceType({
  inputs: z.strictObject({
    project: z.string().min(1),
    name: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/),
    format: z.enum(['generic', 'registry']).default('generic'),
    /** Of a registry: `server`, `username`, `password`. */
    data: z.record(z.string(), z.string()),
  }),
  replaces: ['project', 'name', 'format'],
  gives: [],
  withinMs: 120_000,
  async create({ project, name, format, data }, cloud, urn) {
    const id = `${project}/${name}`
    const body = { format, name, data }
    await cloud.make({ method: 'POST', url: codeEngine(project, '/secrets'), body, urn }, () =>
      cloud.ask({ method: 'GET', url: codeEngine(project, `/secrets/${name}`) }),
    )
    return { id, outputs: { project, name, format, data: new Marked(data) } }
  },
  async read(id, cloud): Promise<Read | undefined> {
    const { project, name } = partsOf(id)
    const found = await cloud.ask({ method: 'GET', url: codeEngine(project, `/secrets/${name}`) })
    if (found === undefined) return undefined
    const { format, data } = secretSchema.parse(found)
    const values = { project, name, format, data: new Marked(data) }
    return { id, inputs: values, outputs: values }
  },
  async update(id, { project, name, format, data }, cloud, urn) {
    const url = codeEngine(project, `/secrets/${name}`)
    const tag = async () => secretSchema.parse(await cloud.ask({ method: 'GET', url })).entity_tag
    const before = await tag()
    const body = { format, data }
    // With another tag than it had, what was not answered has been taken.
    await cloud.make({ method: 'PUT', url, body, headers: { 'if-match': before }, urn }, async () =>
      (await tag()) === before ? undefined : true,
    )
    return { project: partsOf(id).project, name, format, data: new Marked(data) }
  },
  async remove(id, cloud, urn) {
    const { project, name } = partsOf(id)
    await cloud.ask({ method: 'DELETE', url: codeEngine(project, `/secrets/${name}`), urn })
  },
})
