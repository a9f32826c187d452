import type { ProgramModule } from '../../contract/engine.ts'
import { Store } from './resources.ts'

/** A folder on the host, for the files of users. Who uses it reads and writes it by its path. */
export default {
  kind: 'store',
  declare({ component, slug }) {
    const { id, url } = new Store(component.name, { name: slug, size: component.sizeMb })
    return { url, store: id }
  },
} satisfies ProgramModule<'store'>
