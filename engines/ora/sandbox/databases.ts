import type { Json, SimulatedResource } from '../../../stacks/contract/sandbox.ts'
import { made } from './made.ts'
import { namespaceOf } from './storage.ts'

export const AUTONOMOUS = 'oci:Database/autonomousDatabase:AutonomousDatabase'
/** The host of a database's own HTTP: the tenancy's name space and the database's name. */
export const DATABASE_HOST = /^([a-z0-9]+)-[a-z0-9]+\.adb\.[a-z0-9-]+\.oraclecloudapps\.com$/

const NAME = /^[A-Za-z][A-Za-z0-9]{0,29}$/
/** Of names of free ones. */
const FREE_NAME = 14
const WORKLOADS = ['OLTP', 'DW', 'AJD', 'APEX']
/** What the platform changes one after the other only; the free ones cannot have more of it. */
const SCALED = ['cpuCoreCount', 'dataStorageSizeInTbs'] as const

/** Autonomous databases, as the provider has them; api/documents.ts answers for what lies in one. */
export const databases: Record<string, SimulatedResource> = {
  [AUTONOMOUS]: {
    replaceOn: ['compartmentId', 'dbName'],
    unique: ({ dbName }) => ({
      name: String(dbName).toLowerCase(),
      taken: `400-InvalidParameter, Database with name ${String(dbName)} already exists in the tenancy`,
    }),
    secretOutputs: ['adminPassword'],
    async check(inputs) {
      const failures = Object.entries(wrongIn(inputs)).map(([property, why]) => ({
        property,
        reason: `400-InvalidParameter, ${why}`,
      }))
      return { inputs: { state: 'AVAILABLE', ...inputs }, failures }
    },
    async create(inputs, world) {
      const { id, outputs } = made('autonomousdatabase', inputs, world, { state: 'AVAILABLE' })
      const name = String(inputs.dbName).toLowerCase()
      const apps = `${namespaceOf(world.cloudAccount)}-${name}.adb.${world.region}.oraclecloudapps.com`
      return {
        id,
        outputs: {
          ...outputs,
          connectionStrings: [{ profiles: ['LOW', 'MEDIUM', 'TP'].map((group) => profile(group, name, world.region)) }],
          // The platform's own host, as the sandbox answers for it.
          connectionUrls: [{ ordsUrl: `${world.api}/api/ora/_/${apps}/ords/` }],
          host: apps,
        },
      }
    },
    async update(_id, inputs, { outputs }) {
      return { outputs: { ...outputs, ...inputs } }
    },
  },
}

/** What the platform would not take, by property. */
function wrongIn(inputs: Json): Record<string, string> {
  const { dbName, adminPassword, dbWorkload, isFreeTier, isMtlsConnectionRequired, whitelistedIps } = inputs
  const wrong: Record<string, string> = {}
  if (typeof dbName === 'string' && !(NAME.test(dbName) && (isFreeTier !== true || dbName.length <= FREE_NAME)))
    wrong.dbName = `The database name ${dbName} is not valid`
  if (typeof adminPassword === 'string' && !isPassword(adminPassword))
    wrong.adminPassword =
      'The password must be between 12 and 30 characters long, and must contain at least 1 uppercase, 1 lowercase, and 1 numeric character. It cannot contain the double quote symbol or the username "admin"'
  if (dbWorkload !== undefined && !WORKLOADS.includes(String(dbWorkload)))
    wrong.dbWorkload = `Invalid DbWorkload ${String(dbWorkload)}`
  if (isMtlsConnectionRequired === false && !(Array.isArray(whitelistedIps) && whitelistedIps.length > 0))
    // Of the list, which may not be known yet.
    wrong.whitelistedIps = 'mTLS is required for a database whose endpoint is public and has no access control list'
  if (isFreeTier === true && inputs.isAutoScalingEnabled === true)
    wrong.isAutoScalingEnabled = 'Auto scaling is not available for an Always Free database'
  for (const property of SCALED)
    if (isFreeTier === true && Number(inputs[property] ?? 1) > 1)
      wrong[property] = `An Always Free database cannot be scaled (${property})`
  return wrong
}

function isPassword(text: string): boolean {
  const kinds = [/[A-Z]/, /[a-z]/, /[0-9]/].every((kind) => kind.test(text))
  return kinds && text.length >= 12 && text.length <= 30 && !/"|admin/i.test(text)
}

function profile(group: string, name: string, region: string): Json {
  const service = `g1a2b3c4d5e6_${name}_${group.toLowerCase()}.adb.oraclecloud.com`
  return {
    consumerGroup: group,
    tlsAuthentication: 'SERVER',
    syntaxFormat: 'LONG',
    protocol: 'TCPS',
    value: `(description=(retry_count=20)(retry_delay=3)(address=(protocol=tcps)(port=1521)(host=adb.${region}.oraclecloud.com))(connect_data=(service_name=${service}))(security=(ssl_server_dn_match=yes)))`,
  }
}
