import type { ProgramContext, ProgramOutputs } from '../../../contract/engine.ts'
import { declareByType } from '../../../parts/declare/by-type.ts'
import { withKeptBack } from '../../../parts/password/kept-back.ts'
import { OWN } from '../../own-types.ts'
import { declarePlace, declareThere } from '../place.ts'

const UNITS = 1000

/** The one account of the free tier with one database, whose containers share all that is free of it. */
export function declareCosmos({ component, slug, region }: ProgramContext<'database'>): ProgramOutputs {
  const { name } = component
  const place = declarePlace(name, slug, region)
  const account = declareThere(
    'cosmosdb:DatabaseAccount',
    `${name}-account`,
    place,
    {
      accountName: slug,
      kind: 'GlobalDocumentDB',
      databaseAccountOfferType: 'Standard',
      enableFreeTier: true,
      capacity: { totalThroughputLimit: UNITS },
      locations: [{ locationName: region, failoverPriority: 0, isZoneRedundant: false }],
      minimalTlsVersion: 'Tls12',
      // Kept by the platform without a charge: two copies of a day each.
      backupPolicy: {
        type: 'Periodic',
        periodicModeProperties: {
          backupIntervalInMinutes: 1440,
          backupRetentionIntervalInHours: 48,
          backupStorageRedundancy: 'Local',
        },
      },
    },
    ['name', 'documentEndpoint'],
  )
  const database = declareByType(
    'azure-native:cosmosdb:SqlResourceSqlDatabase',
    `${name}-database`,
    {
      resourceGroupName: place.resourceGroupName,
      accountName: account.name,
      databaseName: name,
      resource: { id: name },
      options: { throughput: UNITS },
    },
    { deleteBeforeReplace: true },
  )
  const key = declareByType(
    OWN.accountKey,
    `${name}-key`,
    { resourceGroupName: place.resourceGroupName, accountName: account.name, endpoint: account.documentEndpoint },
    { additionalSecretOutputs: ['connection'] },
    ['connection'],
  )
  return withKeptBack({ url: account.documentEndpoint, database: database.id }, key.connection)
}
