import type { ProgramModule } from '../../contract/engine.ts'
import { withKeptBack } from '../../parts/password/kept-back.ts'
import { memoryFor } from '../memory-for.ts'
import { Database, Password } from './resources.ts'

/**
 * A PostgreSQL of the component's own on the host, for all three models: tables, and `jsonb` for documents, also by their
 * key alone. Who uses it gets its address and, as a secret, the password.
 */
export default {
  kind: 'database',
  declare({ component: { name, sizeMb }, slug, surroundings }) {
    const password = new Password(`${name}-password`, { name: slug })
    const { id, url } = new Database(name, {
      name: slug,
      size: sizeMb,
      memory: memoryFor(sizeMb),
      password: password.result,
      ...(surroundings?.databases === 'postgresql' ? { by: 'postgresql' } : {}),
    })
    return withKeptBack({ url, database: id }, password.result)
  },
} satisfies ProgramModule<'database'>
