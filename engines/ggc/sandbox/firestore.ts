import type { SimulatedResource } from '../../../stacks/contract/sandbox.ts'
import { projectOf } from './identify.ts'
import { text } from './values.ts'

export const DATABASE = 'gcp:firestore/database:Database'

/** Firestore's databases. It makes as many as are asked for, and charges for all but the first one. */
export const firestore: Record<string, SimulatedResource> = {
  [DATABASE]: {
    replaceOn: ['name', 'locationId', 'databaseEdition', 'project'],
    deleteBeforeReplace: true,
    unique: (inputs) => ({
      name: text(inputs, 'name') ?? '(default)',
      taken: 'Error creating Database: googleapi: Error 409: Database already exists. Please use another database_id',
    }),
    importId: (id, world) =>
      id.startsWith('projects/') ? id : `projects/${projectOf(world.cloudAccount)}/databases/${id}`,
    check: async (inputs) => ({
      inputs: { pointInTimeRecoveryEnablement: 'POINT_IN_TIME_RECOVERY_DISABLED', ...inputs },
    }),
    async create(inputs, world) {
      const project = projectOf(world.cloudAccount)
      const name = text(inputs, 'name') ?? '(default)'
      return {
        id: `projects/${project}/databases/${name}`,
        outputs: { ...inputs, name, project, uid: world.hex(32), createTime: new Date(world.now()).toISOString() },
      }
    },
    async delete({ id, inputs }) {
      if (inputs.deleteProtectionState === 'DELETE_PROTECTION_ENABLED')
        throw new Error(
          `Error when reading or editing Database: googleapi: Error 400: ${id} is protected from deletion`,
        )
    },
  },
}
