import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeZip } from '../../../stacks/sandbox/zip/write.ts'
import { Asset, type Values } from '../../../stacks/wire/values.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { type CloudClient, cloudClient } from '../../stacks/sandbox/cloud-client.ts'
import { component, packed, useCloud } from '../use-cloud.ts'

const cloud = useCloud('azu')
const there = { resourceGroupName: 'g', location: 'westeurope' }
const F1 = { sku: { name: 'F1', tier: 'Free' }, reserved: true, kind: 'linux' }
let native: CloudClient
let own: CloudClient

beforeAll(async () => {
  const configuration = Object.fromEntries(cloud.engine.dna.credentials.map((one) => [one.config, one.sandbox]))
  const { providers } = cloud.sandbox.ready
  native = await cloudClient(providers['azure-native'] ?? '', { ...configuration, location: 'westeurope' })
  own = await cloudClient(providers['azure-own'] ?? '', configuration)
  await make('resources:ResourceGroup', { resourceGroupName: 'g', location: 'westeurope' })
})
afterAll(() => {
  native.close()
  own.close()
})

const make = (type: string, inputs: Values) => native.create(`azure-native:${type}`, 'x', inputs)

async function packageOf(files: Record<string, string>): Promise<Values> {
  const path = join(await tempFolder('package'), 'p.zip')
  const entries = Object.entries(files).map(([name, text]) => ({ path: name, bytes: Buffer.from(text) }))
  await writeFile(path, await writeZip(entries))
  return { package: new Asset('asset', { path, hash: path }), digest: 'd' }
}

describe('an app of the simulated free plan', () => {
  it('answers once its content is there, 403 while it is stopped or its hour of the day is used, and costs nothing', async () => {
    const plan = await make('web:AppServicePlan', { ...there, name: 'plan', ...F1 })
    const inputs = { ...there, name: 'app', serverFarmId: plan.id, siteConfig: { appCommandLine: 'node server.js' } }
    const app = await make('web:WebApp', inputs)
    const address = String(app.outputs.address)
    expect((await fetch(address)).status).toBe(404)

    const content = await own.create('azure-own:web:AppContent', 'x', {
      resourceGroupName: 'g',
      appName: 'app',
      host: 'app.azurewebsites.net',
      settings: { GREETING: 'hello' },
      ...(await packageOf({
        'server.js':
          "require('node:http').createServer((_, r) => r.end(process.env.GREETING)).listen(process.env.PORT, process.env.HOST)",
      })),
    })
    expect(content.outputs.url).toBe(address)
    const asked = async () => {
      const answer = await fetch(address)
      return [answer.status, await answer.text()]
    }
    expect(await asked()).toEqual([200, 'hello'])

    const suspended = cloud.engine.rules['azure-native:web:WebApp']?.suspended?.(inputs) as Values
    await native.update('azure-native:web:WebApp', app.id, inputs, suspended)
    expect((await asked())[0]).toBe(403)
    await native.update('azure-native:web:WebApp', app.id, suspended, inputs)
    expect(await asked()).toEqual([200, 'hello'])

    await cloud.sandbox.admin('POST', '/visitors', { requests: 3, monthly: 1_000_000_000 })
    expect((await asked())[0]).toBe(403)
    await cloud.sandbox.admin('POST', '/clock', { forward: '1d' })
    expect(await asked()).toEqual([200, 'hello'])
    expect(await cloud.billed()).toBe(0)
  })

  it('is the only one of Linux in its region, where Azure gives one free plan', async () => {
    await make('resources:ResourceGroup', { resourceGroupName: 'h', location: 'westus2' })
    const plan = (location: string, name: string) =>
      make('web:AppServicePlan', { resourceGroupName: 'h', location, name, ...F1 })
    await plan('westus2', 'one')
    await expect(plan('westus2', 'two')).rejects.toThrow(/free Linux App Service plans in a region \(1\)/)
    await plan('eastus2', 'three')
  })
})

describe('the managed function of a simulated static web app', () => {
  it('is asked whatever the path is, and gives status, cookies and bytes as they are', async () => {
    const hello = component({ kind: 'function', name: 'hello' })
    const { artifact } = await packed(cloud.engine, hello, {
      'index.js': `export default async (request) => {
        const { pathname, search } = new URL(request.url)
        const headers = new Headers({ 'x-asked': request.method + ' ' + pathname + search, 'x-greeting': process.env.GREETING })
        headers.append('set-cookie', 'a=1; Path=/; HttpOnly')
        headers.append('set-cookie', 'b=x=y')
        return new Response(await request.arrayBuffer(), { status: 202, headers })
      }`,
      'package.json': '{"type":"module"}',
    })
    if (artifact.travels !== 'file') throw new Error('expected a zip')
    const site = await make('web:StaticSite', { ...there, name: 'hello', sku: { name: 'Free', tier: 'Free' } })
    const content = await own.create('azure-own:web:SiteContent', 'x', {
      resourceGroupName: 'g',
      siteName: 'hello',
      host: String(site.outputs.defaultHostname),
      settings: { GREETING: 'hello' },
      package: new Asset('asset', { path: artifact.path, hash: artifact.digest }),
      digest: artifact.digest,
    })
    const bytes = Uint8Array.from([0, 255, 10, 13, 128])
    const answer = await fetch(new URL('deep/er?q=1', String(content.outputs.url)), { method: 'PUT', body: bytes })
    expect([answer.status, answer.headers.get('x-asked'), answer.headers.get('x-greeting')]).toEqual([
      202,
      'PUT /deep/er?q=1',
      'hello',
    ])
    expect(answer.headers.getSetCookie()).toEqual(['a=1; Path=/; HttpOnly', 'b=x=y'])
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(bytes)
    await native.delete('azure-native:web:StaticSite', site.id)
  })
})

describe('the simulated Azure refuses, in Azure’s words', () => {
  it.each([
    [
      'web:StaticSite',
      { name: 's', location: 'uksouth', sku: { name: 'Free' } },
      /LocationNotAvailableForResourceType/,
    ],
    ['web:WebApp', { name: 'lost', serverFarmId: '/no/plan' }, /Cannot find ServerFarm/],
    ['sql:Server', { serverName: 'weak', administratorLoginPassword: 'password' }, /PasswordNotComplex/],
    ['web:StaticSite', { name: 's', resourceGroupName: 'nowhere', sku: { name: 'Free' } }, /ResourceGroupNotFound/],
  ])('a %s that cannot be: %j', async (type, inputs, words) => {
    await expect(make(type, { ...there, ...inputs })).rejects.toThrow(words)
  })

  it('a second account of Cosmos DB’s free tier, and more throughput than an account’s cap', async () => {
    const account = (accountName: string) =>
      make('cosmosdb:DatabaseAccount', {
        ...there,
        accountName,
        enableFreeTier: true,
        capacity: { totalThroughputLimit: 1000 },
      })
    await account('one')
    await expect(account('two')).rejects.toThrow(/Free tier has already been applied/)
    const database = (throughput: number) =>
      make('cosmosdb:SqlResourceSqlDatabase', {
        resourceGroupName: 'g',
        accountName: 'one',
        databaseName: 'd',
        options: { throughput },
      })
    await expect(database(1100)).rejects.toThrow(/total throughput limit of the account is 1000/)
    await database(1000)
  })

  it('an eleventh free static web app, and content for an app that is not there', async () => {
    const site = (name: string) => make('web:StaticSite', { ...there, name, sku: { name: 'Free', tier: 'Free' } })
    for (let at = 0; at < 10; at += 1) await site(`site-${at}`)
    await expect(site('site-10')).rejects.toThrow(/maximum number of free static web apps/)
    const lost = {
      resourceGroupName: 'g',
      siteName: 'nobody',
      host: 'h',
      ...(await packageOf({ 'app/index.html': '' })),
    }
    await expect(own.create('azure-own:web:SiteContent', 'x', lost)).rejects.toThrow(/'nobody' was not found/)
  })
})
