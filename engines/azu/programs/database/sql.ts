import { interpolate } from '@pulumi/pulumi'
import type { ProgramContext, ProgramOutputs } from '../../../contract/engine.ts'
import { declareByType } from '../../../parts/declare/by-type.ts'
import { withKeptBack } from '../../../parts/password/kept-back.ts'
import { OWN } from '../../own-types.ts'
import { declarePlace, declareThere } from '../place.ts'

const LOGIN = 'pipi'
const MOST_BYTES = 32 * 2 ** 30

/**
 * A database by the free offer, which pauses until next month when the month's share is used. It has a server of its own,
 * which costs nothing, so that its login reaches nothing else.
 */
export function declareSql({ component, slug, region }: ProgramContext<'database'>): ProgramOutputs {
  const { name } = component
  const place = declarePlace(name, slug, region)
  const password = declareByType(
    OWN.password,
    `${name}-password`,
    { name: slug },
    { additionalSecretOutputs: ['result'] },
    ['result'],
  )
  const server = declareThere(
    'sql:Server',
    `${name}-server`,
    place,
    {
      serverName: slug,
      version: '12.0',
      administratorLogin: LOGIN,
      administratorLoginPassword: password.result,
      minimalTlsVersion: '1.2',
      publicNetworkAccess: 'Enabled',
    },
    ['name', 'fullyQualifiedDomainName'],
  )
  // What Azure itself runs, and nobody else: an app of the free plan has no address of its own.
  declareByType(
    'azure-native:sql:FirewallRule',
    `${name}-from-azure`,
    {
      resourceGroupName: place.resourceGroupName,
      serverName: server.name,
      firewallRuleName: 'azure',
      startIpAddress: '0.0.0.0',
      endIpAddress: '0.0.0.0',
    },
    { deleteBeforeReplace: true },
  )
  const database = declareThere('sql:Database', `${name}-database`, place, {
    serverName: server.name,
    databaseName: name,
    sku: { name: 'GP_S_Gen5', tier: 'GeneralPurpose', family: 'Gen5', capacity: 2 },
    minCapacity: 0.5,
    autoPauseDelay: 60,
    maxSizeBytes: MOST_BYTES,
    useFreeLimit: true,
    freeLimitExhaustionBehavior: 'AutoPause',
    requestedBackupStorageRedundancy: 'Local',
  })
  const host = server.fullyQualifiedDomainName
  return withKeptBack(
    { url: interpolate`mssql://${host}:1433/${name}?encrypt=true`, database: database.id },
    interpolate`mssql://${LOGIN}:${password.result}@${host}:1433/${name}?encrypt=true`,
  )
}
