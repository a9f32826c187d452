import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { OWN } from '../../../engines/azu/own-types.ts'
import { startProvider } from '../../../engines/azu/provider/index.ts'
import type { Engine } from '../../../engines/contract/engine.ts'
import { declareByType } from '../../../engines/parts/declare/by-type.ts'
import { loadEngine } from '../../../engines/scan.ts'
import { openPlatformReader } from '../../../stacks/recovery/platform-reader.ts'
import { attachedStack } from '../../stacks/provider/attached-stack.ts'
import { component, type Deployable, packed } from '../use-cloud.ts'
import { AzureDouble } from './azure-double.ts'

const azure = new AzureDouble()
let engine: Engine
let provider: Awaited<ReturnType<typeof startProvider>>
beforeAll(async () => {
  engine = await loadEngine('azu')
  provider = await startProvider({ send: (url, request) => azure.send(url, request), pauseMs: 1 })
})
afterAll(() => provider.close())
beforeEach(() => {
  for (const name of ['pages', 'hello']) azure.sites.set(name, { settings: {}, app: {}, api: {} })
  azure.apps.set('api', { settings: {}, files: {}, deployments: [] })
  azure.refuses = undefined
  azure.busy = 0
  azure.calls.length = 0
})

const configuration = { tenantId: 't', clientId: 'c', clientSecret: 'right', subscriptionId: 's' }
const group = { resourceGroupName: 'g' }

/** A stack of what our own provider does alone; the apps are there already. */
async function stackOf(program: () => Record<string, unknown>) {
  const config = Object.entries(configuration).map(([key, value]) => [`${OWN.provider}:${key}`, value])
  return attachedStack({ [OWN.provider]: provider.address }, async () => program(), Object.fromEntries(config))
}

function contentOf({ artifact }: Deployable): { package: unknown; digest: string } {
  if (artifact.travels !== 'file') throw new Error('expected a file')
  const { asset } = pulumi
  return { package: new asset.FileAsset(artifact.path), digest: artifact.digest }
}

const pulumi = await import('@pulumi/pulumi')

describe('what the platform’s own plugin has no resource for', () => {
  it('comes to its app as a zip, lets one into a database, changes nothing the second time, and is seen by a refresh', async () => {
    const site = component({ kind: 'site', name: 'pages' })
    const fn = component({ kind: 'function', name: 'hello' })
    const service = component({ kind: 'service', name: 'api' })
    let pages = await packed(engine, site, { 'index.html': 'one', '404.html': 'lost' })
    const hello = await packed(engine, fn, { 'index.js': 'export default () => new Response("hi")' })
    const api = await packed(engine, service, { 'server.js': 'serve()' })
    const { stack, folder, remove } = await stackOf(() => {
      const content = declareByType(
        OWN.siteContent,
        'pages',
        { ...group, siteName: 'pages', host: 'pages.static.example', ...contentOf(pages) },
        {},
        ['url'],
      )
      declareByType(OWN.siteContent, 'hello', {
        ...group,
        siteName: 'hello',
        host: 'hello.static.example',
        settings: { GREETING: 'hi' },
        ...contentOf(hello),
      })
      declareByType(OWN.appContent, 'api', {
        ...group,
        appName: 'api',
        host: 'api.example',
        settings: { KEY: pulumi.secret('a secret of the workspace') },
        ...contentOf(api),
      })
      const secret = { additionalSecretOutputs: ['result', 'connection'] }
      const password = declareByType(OWN.password, 'p', { name: 'p' }, secret, ['result'])
      const key = declareByType(
        OWN.accountKey,
        'k',
        { ...group, accountName: 'notes', endpoint: 'https://notes.example/' },
        secret,
        ['connection'],
      )
      return { url: content.url, password: password.result, connection: key.connection }
    })
    try {
      azure.busy = 2
      const { url, password, connection } = (await stack.up()).outputs
      expect(url?.value).toBe('https://pages.static.example/')
      expect(password).toMatchObject({ secret: true, value: expect.stringMatching(/^Aa1-[\w-]{24}$/) })
      const letsIn = 'AccountEndpoint=https://notes.example/;AccountKey=key of notes;'
      expect(connection).toEqual({ secret: true, value: letsIn })
      expect(azure.sites.get('pages')?.app).toMatchObject({ 'index.html': 'one', '404.html': 'lost' })
      expect(JSON.parse(azure.sites.get('pages')?.app['staticwebapp.config.json'] ?? '')).toEqual({
        responseOverrides: { 404: { rewrite: '/404.html' } },
      })
      expect(azure.sites.get('hello')).toMatchObject({
        settings: { GREETING: 'hi' },
        app: { 'index.html': expect.any(String) },
      })
      expect(Object.keys(azure.sites.get('hello')?.api ?? {})).toEqual(
        expect.arrayContaining(['host.json', 'main/function.json', 'bootstrap.mjs', 'app/index.js']),
      )
      expect(azure.apps.get('api')).toMatchObject({
        files: { 'server.js': 'serve()' },
        settings: { KEY: 'a secret of the workspace' },
      })
      // Each proof goes to the service that it is for, and to no other.
      for (const { url, authorization } of azure.calls) {
        const kind = /\.infrastructure\./.test(url.hostname) ? 'token' : 'Bearer'
        expect(authorization.split(' ')[0], url.href).toBe(
          ['login.microsoftonline.com', 'blobs.example'].includes(url.hostname) ? '' : kind,
        )
      }
      expect((await stack.refresh()).summary.resourceChanges).toEqual({ same: 6 })

      pages = await packed(engine, site, { 'index.html': 'two' })
      const again = await stack.up()
      expect(again.summary.resourceChanges).toEqual({ same: 5, update: 1 })
      expect(again.outputs.password?.value).toBe(password?.value)
      expect(azure.sites.get('pages')?.app['index.html']).toBe('two')

      // Somebody else deployed something else behind our back.
      azure.apps.get('api')?.deployments.unshift({ message: 'by hand', status: 4 })
      expect((await stack.refresh()).summary.resourceChanges).toEqual({ same: 5, update: 1 })
      expect((await stack.up()).summary.resourceChanges).toEqual({ same: 5, update: 1 })
      expect(azure.apps.get('api')?.deployments[0]).toMatchObject({ message: contentOf(api).digest, status: 4 })

      azure.refuses = 'too many files'
      pages = await packed(engine, site, { 'index.html': 'three' })
      await expect(stack.up()).rejects.toThrow(/Failed: too many files/)
      azure.refuses = undefined
      const state = await statesIn(folder)
      for (const word of ['a secret of the workspace', 'key of notes', String(password?.value)])
        expect(state.includes(word), word).toBe(false)
    } finally {
      await stack.destroy()
      await remove()
    }
  })

  it('is found after a crash by the name of its app, and is not where nothing was deployed', async () => {
    const reader = openPlatformReader({
      upstreams: { [OWN.provider]: provider.address, 'azure-native': provider.address },
      configuration,
      stack: { project: 'p', stack: 's' },
    })
    const found = async (type: string, inputs: Record<string, unknown>) => {
      const { path } = (engine.rules[type]?.lookup(inputs) ?? {}) as { path?: string }
      return reader.read(type, String(path).replace('{subscription}', 's'))
    }
    try {
      expect(await found(OWN.appContent, { ...group, appName: 'api' })).toBeUndefined()
      expect(await found(OWN.siteContent, { ...group, siteName: 'pages' })).toBeUndefined()
      expect(await found(OWN.siteContent, { ...group, siteName: 'nobody' })).toBeUndefined()
      expect(await found(OWN.password, { name: 'p' })).toBeUndefined()
      azure.apps.get('api')?.deployments.push({ message: 'f'.repeat(64), status: 4 })
      expect((await found(OWN.appContent, { ...group, appName: 'api' }))?.properties).toMatchObject({
        digest: 'f'.repeat(64),
        url: 'https://api.example/',
      })
    } finally {
      reader.close()
    }
  })

  it('says in Azure’s words why it may not, and what the owner has to look at', async () => {
    const reader = openPlatformReader({
      upstreams: { [OWN.provider]: provider.address },
      configuration: { ...configuration, clientSecret: 'wrong' },
      stack: { project: 'p', stack: 's' },
    })
    try {
      const asked = reader.read(
        OWN.siteContent,
        '/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/staticSites/pages/content',
      )
      await expect(asked).rejects.toThrow(/Microsoft Entra gave no token \(401\)/)
    } finally {
      reader.close()
    }
  })
})

async function statesIn(folder: string): Promise<string> {
  const entries = await readdir(join(folder, 'state'), { recursive: true, withFileTypes: true })
  const files = entries.filter((one) => one.isFile())
  return (await Promise.all(files.map((one) => readFile(join(one.parentPath, one.name), 'utf8')))).join('\n')
}
