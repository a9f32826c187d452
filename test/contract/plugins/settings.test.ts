import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { scanEngines } from '../../../engines/scan.ts'
import { sdkVersion } from '../../../stacks/toolchain/sdk-version.ts'
import { readPluginSettings, sentTo } from './settings.ts'

const MODULES = join(import.meta.dirname, '../../../node_modules/@pulumi')

it('plugins are configured with what their SDK knows, and for providers that engines use', async () => {
  const settings = await readPluginSettings()
  const used = [...(await scanEngines()).values()].flatMap(({ dna }) => dna.providers)
  for (const [provider, { quiet, endpoint = {} }] of Object.entries(settings)) {
    expect(used).toContain(provider)
    if (sdkVersion(provider) === undefined) continue
    const files = ['provider.d.ts', 'config/vars.d.ts'].map((file) =>
      readFileSync(join(MODULES, provider, file), 'utf8'),
    )
    const known = new Set([...files.join('\n').matchAll(/(?:^ {4}|const )(\w+)\??: /gm)].map(([, name]) => name))
    expect([...Object.keys(quiet), ...Object.keys(endpoint)].filter((key) => !known.has(key))).toEqual([])
  }
})

it('all calls of a plugin go to an endpoint that is given, or it is said that they cannot', async () => {
  const settings = await readPluginSettings()
  const given = sentTo('http://127.0.0.1:4566/', settings, ['aws'])
  expect(JSON.parse(given.endpoints ?? '')[0]).toMatchObject({ lambda: 'http://127.0.0.1:4566' })
  expect(Object.values(given).join()).not.toContain('{endpoint}')
  expect(() => sentTo('http://127.0.0.1:4566', settings, ['azure-native'])).toThrow('takes no other endpoint')
})
