import { createHash } from 'node:crypto'
import { output } from '@pulumi/pulumi'
import type { ProgramModule } from '../../contract/engine.ts'
import { declareByType } from '../../parts/declare/by-type.ts'
import { withKeptBack } from '../../parts/password/kept-back.ts'
import { documentsUrl, driverUrl } from '../database/address.ts'
import { declareVcn } from '../machine/network.ts'
import { OWN } from '../own-types.ts'
import { requireSurroundings } from '../surroundings.ts'

const IDLE =
  'Oracle stops it after 7 days in which nobody used it (a deployment starts it again), and takes it back after 90 days stopped.'

/**
 * An always free Autonomous Database: for tables, or for documents, also by their key alone. It lets in nobody but the
 * workspace's own network, by TLS without a client's certificate, and whoever has the password of its administrator.
 */
export default {
  kind: 'database',
  declare(context) {
    const { component, slug, surroundings } = context
    const { tenancy } = requireSurroundings(surroundings)
    const relational = component.model === 'relational'
    const password = declareByType(
      OWN.password,
      `${component.name}-password`,
      { name: slug },
      { additionalSecretOutputs: ['result'] },
      ['result'],
    )
    const database = declareByType(
      'oci:Database/autonomousDatabase:AutonomousDatabase',
      `${component.name}-database`,
      {
        compartmentId: tenancy,
        displayName: slug,
        dbName: nameOf(slug),
        dbWorkload: relational ? 'OLTP' : 'AJD',
        isFreeTier: true,
        // As the free ones are; they cannot be anything else.
        cpuCoreCount: 1,
        dataStorageSizeInTbs: 1,
        isAutoScalingEnabled: false,
        licenseModel: 'LICENSE_INCLUDED',
        adminPassword: password.result,
        // A list of who may come is what lets them come without a wallet.
        whitelistedIps: [declareVcn(context).id],
        isMtlsConnectionRequired: false,
        // One that stood still is started again.
        state: 'AVAILABLE',
      },
      { additionalSecretOutputs: ['adminPassword'] },
      ['connectionStrings', 'connectionUrls'],
    )
    const url = output(relational ? database.connectionStrings : database.connectionUrls).apply((told: unknown) =>
      relational ? driverUrl(told) : documentsUrl(told),
    )
    return withKeptBack({ url, database: database.id, idle: IDLE }, password.result)
  },
} satisfies ProgramModule<'database'>

/** At most 14 letters and digits, the first a letter; unique in the tenancy. */
function nameOf(slug: string): string {
  return `pipi${createHash('sha256').update(slug).digest('hex').slice(0, 10)}`
}
