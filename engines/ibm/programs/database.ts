import type { ProgramModule } from '../../contract/engine.ts'
import { CloudantDatabase, CloudantInstance, Key } from './resources.ts'

/** Documents in a Lite instance of Cloudant, with a key that reads and writes them. */
export default {
  kind: 'database',
  declare({ component: { name }, slug, region }) {
    const instance = new CloudantInstance(`${name}-instance`, { name: slug, region, plan: 'lite' })
    const { url } = new CloudantDatabase(`${name}-database`, { host: instance.host, name: slug })
    const { apikey } = new Key(`${name}-key`, { name: slug, source: instance.crn, role: 'Writer' })
    return { url, apikey }
  },
} satisfies ProgramModule<'database'>
