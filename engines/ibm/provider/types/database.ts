import { z } from 'zod'
import { resourceType } from '../resource-type.ts'

/** A database of documents in an instance, at `host`. Its id is `<host>/<name>`. */
export const database = resourceType({
  inputs: z.strictObject({
    host: z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/),
    name: z.string().regex(/^[a-z][a-z0-9_$()+-]{0,199}$/),
  }),
  replaces: ['host', 'name'],
  gives: ['url'],
  withinMs: 120_000,
  async create({ host, name }, cloud, urn) {
    const id = `${host}/${name}`
    // Made twice it answers 412, "file exists".
    const find = () => cloud.ask({ method: 'GET', url: `https://${id}` })
    await cloud.make({ method: 'PUT', url: `https://${id}`, body: {}, urn }, find)
    return { id, outputs: { host, name, url: `https://${id}` } }
  },
  async read(id, cloud) {
    const [host = '', name = ''] = id.split('/')
    const found = await cloud.ask({ method: 'GET', url: `https://${id}` })
    return found && { id, inputs: { host, name }, outputs: { host, name, url: `https://${id}` } }
  },
  async remove(id, cloud, urn) {
    await cloud.ask({ method: 'DELETE', url: `https://${id}`, urn })
  },
})
