import type { Values } from '../../../stacks/contract/provider.ts'
import { changedProperties } from '../../../stacks/provider/changes.ts'
import { checkBy } from '../../../stacks/provider/check-by.ts'
import { plain, Secret, UNKNOWN } from '../../../stacks/wire/values.ts'
import { passwordType } from '../../parts/password/password-type.ts'
import { passwordSchema } from '../../parts/password/random-password.ts'
import { type DatabaseStatus, databaseSpecSchema } from '../supervisor/databases/spec.ts'
import type { Kind } from './kind.ts'
import type { SupervisorClient } from './supervisor-client.ts'

export const DATABASE = 'pip:host/database:Database'
/** The password of a database's users. It stands in the state alone. */
export const PASSWORD = 'pip:host/password:Password'
/** The data source that lists all databases. */
export const DATABASES = 'pip:host/getDatabases:getDatabases'
/** The data source that tells whether a host can have some. */
export const POSTGRES = 'pip:host/getPostgres:getPostgres'

/** Size, memory and password are changed in place. Another name is another database, and the old one is users' data. */
export function databaseKind(supervisor: SupervisorClient): Kind {
  return {
    check: (inputs) => checkBy(databaseSpecSchema, inputs),
    diff(old, now) {
      const changed = changedProperties(old, now)
      const replaces = changed.filter((property) => property === 'name')
      return { changes: changed.length > 0, replaces, deleteBeforeReplace: false }
    },
    async set(inputs) {
      const made = await supervisor.setDatabase(databaseSpecSchema.parse(plain(inputs)))
      return { id: made.spec.name, outputs: outputsOf(made) }
    },
    async preview(inputs, id) {
      const status = id === undefined ? undefined : await supervisor.database(id)
      return { ...inputs, port: status?.port ?? UNKNOWN, url: status?.url ?? UNKNOWN }
    },
    async read(id) {
      const found = await supervisor.database(id)
      return found && { id, inputs: inputsOf(found), outputs: outputsOf(found) }
    },
    delete: (id) => supervisor.removeDatabase(id),
  }
}

/** A database in the list of all: how it is, without its password. */
export function databaseListed({ spec, state, memory, held, port, room }: DatabaseStatus): Values {
  const { password: _secret, ...inputs } = spec
  return { ...inputs, state, memoryHeld: memory, held, port, room }
}

/** What changes by itself (how full it is, restarts) is no output: each refresh would show it as drift. */
function outputsOf(status: DatabaseStatus): Values {
  return { ...inputsOf(status), port: status.port, url: status.url }
}

function inputsOf({ spec }: DatabaseStatus): Values {
  return { ...spec, password: new Secret(spec.password) }
}

export const passwordKind: Kind = {
  check: (inputs) => checkBy(passwordSchema, inputs),
  diff(old, now) {
    const replaces = changedProperties(old, now)
    return { changes: replaces.length > 0, replaces, deleteBeforeReplace: false }
  },
  set: (inputs) => passwordType.create(PASSWORD, inputs, '', false),
  preview: async (inputs) => ({ ...inputs, result: UNKNOWN }),
  read: (id, inputs, state) => passwordType.read(PASSWORD, id, '', inputs, state),
  delete: async () => undefined,
}
