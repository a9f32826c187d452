import type { Json } from '../../../stacks/contract/sandbox.ts'
import type { Special } from './things.ts'

export const SQL_DATABASE = 'azure-native:sql:Database'
export const COSMOS = 'azure-native:cosmosdb:DatabaseAccount'

const FREE_DATABASES = 10
const LONG_ENOUGH = 8

/** Databases: what is refused beyond the free ones, as the platform says it. */
export const data: Record<string, Special> = {
  'azure-native:sql:Server': {
    worldwide: true,
    async refuse(inputs) {
      const password = String(inputs.administratorLoginPassword ?? '')
      const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(password)).length
      if (password.length < LONG_ENOUGH || kinds < 3)
        throw new Error('Code="PasswordNotComplex" Message="Password validation failed. It is not complex enough."')
    },
    tell: (name) => ({ fullyQualifiedDomainName: `${name}.database.windows.net`, state: 'Ready' }),
  },
  [SQL_DATABASE]: {
    async refuse(inputs, world) {
      if (inputs.useFreeLimit !== true) return
      const free = (await world.list(SQL_DATABASE)).filter((one) => one.inputs.useFreeLimit === true)
      if (free.length >= FREE_DATABASES)
        throw new Error(
          `Code="ProvisioningDisabled" Message="The subscription has ${FREE_DATABASES} databases by the free offer already."`,
        )
    },
    tell: () => ({ status: 'Online' }),
  },
  [COSMOS]: {
    worldwide: true,
    async refuse(inputs, world) {
      if (inputs.enableFreeTier !== true) return
      if ((await world.list(COSMOS)).some((one) => one.inputs.enableFreeTier === true))
        throw new Error(
          'Code="BadRequest" Message="Free tier has already been applied to another Azure Cosmos DB account in this subscription."',
        )
    },
    tell: (name) => ({ documentEndpoint: `https://${name}.documents.azure.com:443/` }),
  },
  'azure-native:cosmosdb:SqlResourceSqlDatabase': {
    async refuse(inputs, world) {
      const account = (await world.list(COSMOS)).find((one) => one.inputs.accountName === inputs.accountName)
      if (account === undefined)
        throw new Error(`Code="NotFound" Message="The account ${String(inputs.accountName)} does not exist."`)
      const cap = Number(((account.inputs.capacity ?? {}) as Json).totalThroughputLimit ?? -1)
      const asked = Number(((inputs.options ?? {}) as Json).throughput ?? 400)
      if (cap >= 0 && asked > cap)
        throw new Error(`Code="BadRequest" Message="The total throughput limit of the account is ${cap} RU/s."`)
    },
  },
}
