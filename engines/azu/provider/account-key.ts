import { z } from 'zod'
import type { Azure } from './azure.ts'
import { type Kind, namesIn } from './kind.ts'

const schema = z.strictObject({
  resourceGroupName: z.string().min(1),
  accountName: z.string().min(1),
  endpoint: z.string().min(1),
})
const keysSchema = z.looseObject({ primaryMasterKey: z.string().min(1) })
const accountSchema = z.looseObject({ properties: z.looseObject({ documentEndpoint: z.string() }) })
const VERSION = '2024-11-15'

/** What a program connects to a Cosmos DB account with: the address and the account's own key. */
export const accountKey: Kind<z.infer<typeof schema>> = {
  inputs: schema,
  replaceOn: ['resourceGroupName', 'accountName'],
  secrets: ['connection'],
  idOf: ({ resourceGroupName, accountName }, azure) => `${pathOf(azure, resourceGroupName, accountName)}/key`,
  async put(inputs, azure) {
    const key = await keyOf(azure, inputs.resourceGroupName, inputs.accountName)
    if (key === undefined) throw new Error(`there is no Cosmos DB account "${inputs.accountName}"`)
    return { connection: connectionOf(inputs.endpoint, key) }
  },
  async find(id, azure) {
    const { group, name } = namesIn(id)
    const account = await azure.arm('GET', pathOf(azure, group, name), VERSION, accountSchema)
    const key = account === undefined ? undefined : await keyOf(azure, group, name)
    if (account === undefined || key === undefined) return undefined
    const inputs = { resourceGroupName: group, accountName: name, endpoint: account.properties.documentEndpoint }
    return { inputs, outputs: { connection: connectionOf(inputs.endpoint, key) } }
  },
}

async function keyOf(azure: Azure, group: string, name: string): Promise<string | undefined> {
  return (await azure.arm('POST', `${pathOf(azure, group, name)}/listKeys`, VERSION, keysSchema))?.primaryMasterKey
}

function connectionOf(endpoint: string, key: string): string {
  return `AccountEndpoint=${endpoint};AccountKey=${key};`
}

function pathOf(azure: Azure, group: string, name: string): string {
  return `/subscriptions/${azure.subscription}/resourceGroups/${group}/providers/Microsoft.DocumentDB/databaseAccounts/${name}`
}
