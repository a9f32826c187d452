import { Database } from '@pulumi/gcp/firestore/database.js'
import { interpolate } from '@pulumi/pulumi'
import type { ProgramModule } from '../../contract/engine.ts'

/** Firestore. A project has one free database, and that is the one named `(default)`. */
export default {
  kind: 'database',
  declare({ component, region }) {
    const database = new Database(`${component.name}-documents`, {
      name: '(default)',
      locationId: region,
      type: 'FIRESTORE_NATIVE',
      databaseEdition: 'STANDARD',
      pointInTimeRecoveryEnablement: 'POINT_IN_TIME_RECOVERY_DISABLED',
      deleteProtectionState: 'DELETE_PROTECTION_DISABLED',
      // Else the provider would only forget it, and the free place stay taken.
      deletionPolicy: 'DELETE',
    })
    return { url: interpolate`firestore://${database.project}/${database.name}`, project: database.project }
  },
} satisfies ProgramModule<'database'>
