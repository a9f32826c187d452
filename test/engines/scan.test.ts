import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { ENGINES_FOLDER, loadEngine, sandboxModuleOf, scanEngines } from '../../engines/scan.ts'
import { tempFolder } from '../helpers/temp.ts'

const ENGINE = `code: xyz
name: Some Cloud
providers: [somecloud]
provider: plugin
regions: [here]
deadlinesMs: { default: 1000 }
`
const CATALOG = `code: xyz
name: Some Cloud
homepage: https://example.org/
checked: '2026-11-23'
goodForDays: 180
plans: [{ id: free, kind: always-free, atLimit: blocked, card: 'no', expires: never, sources: [S1], confidence: high }]
services:
  - id: some-sites
    category: static-hosting
    plan: free
    meters: [{ name: sites, unit: site, limit: 2, period: concurrent, scope: account }]
    onLimit: blocked
    types: ['somecloud:index:Site', 'othercloud:index:Site']
    sources: [S1]
    confidence: high
neverFree: [{ type: 'somecloud:index:Machine', price: 4/month, sources: [S1] }]
zeroCost: ['somecloud:index:Key']
sources: { S1: { title: A page, url: 'https://example.org/free', date: '2026-11-23', kind: official } }
`
const RULES = `export const rules = {
  'somecloud:index:Site': {
    demand: () => ({ ok: true, demand: { amounts: [{ meter: 'some-sites.sites', scope: '', amount: 1, bound: 'proven', because: 'one site' }] } }),
    tagProperty: null, lookup: () => ({}), find: async () => undefined, stateful: false,
  },
}
export const noCarrier = { service: 'nothing runs there' }
`
const PROGRAM = `export default { kind: 'site', pack: async (built) => ({ travels: 'folder', path: built.path, digest: built.digest }), declare: () => ({ url: 'https://example.org' }) }`
const SANDBOX = `export default { provider: 'somecloud', engine: 'xyz', resources: {}, bill: () => [] }`

async function made(files: Record<string, string>): Promise<{ engines: string; catalog: string }> {
  const root = await tempFolder('house')
  const all = { 'engines/README.md': 'not an engine', 'catalog/README.md': 'not a platform', ...files }
  for (const [name, text] of Object.entries(all)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), text)
  }
  return { engines: join(root, 'engines'), catalog: join(root, 'catalog') }
}

const TENTH = {
  'engines/xyz/engine.yaml': ENGINE,
  'engines/xyz/rules.ts': RULES,
  'engines/xyz/programs/site.ts': PROGRAM,
  'engines/xyz/sandbox/resources.ts': SANDBOX,
  'catalog/xyz.yaml': CATALOG,
}

describe('engines', () => {
  it('are found by scanning: a tenth is one folder and one catalogue file', async () => {
    const { engines, catalog } = await made(TENTH)
    const found = await scanEngines(engines, catalog)
    expect([...found.keys()]).toEqual(['xyz'])
    const engine = found.get('xyz')
    expect(Object.keys(engine?.programs ?? {})).toEqual(['site'])
    expect(engine?.noCarrier).toEqual({ service: 'nothing runs there' })
    expect(Object.keys(engine?.rules ?? {}).sort()).toEqual([
      'somecloud:index:Key',
      'somecloud:index:Machine',
      'somecloud:index:Site',
    ])
    const context = { plan: 'free', region: 'here', expect: { requests: 1, egressMb: 1 } }
    expect(engine?.rules['somecloud:index:Site']?.demand({}, context)).toMatchObject({ ok: true })
    expect(engine?.rules['somecloud:index:Machine']?.demand({}, context)).toMatchObject({
      ok: false,
      code: 'lock.over-limit',
    })
    expect(engine?.rules['somecloud:index:Key']?.demand({}, context)).toEqual({ ok: true, demand: { amounts: [] } })
    expect(engine?.programs.site?.kind).toBe('site')
    expect(engine !== undefined && sandboxModuleOf(engine)).toBe(
      pathToFileURL(join(engines, 'xyz/sandbox/resources.ts')).href,
    )
    expect(engine?.hosts).toBeUndefined()
  })

  it('say what is missing or wrong in their folder', async () => {
    for (const [files, words] of [
      [{ ...TENTH, 'engines/xyz/engine.yaml': ENGINE.replace('code: xyz', 'code: abc') }, /names the code "abc"/],
      [{ ...TENTH, 'engines/xyz/engine.yaml': ENGINE.replace('regions', 'regoins') }, /engine.yaml/],
      [{ ...TENTH, 'engines/xyz/rules.ts': 'export const nothing = 1' }, /has no rules/],
      [{ ...TENTH, 'catalog/xyz.yaml': CATALOG.replace('limit: 2', 'limit: many') }, /catalogue file xyz.yaml/],
    ] as const) {
      const { engines, catalog } = await made(files)
      await expect(scanEngines(engines, catalog)).rejects.toThrow(words)
    }
  })

  it('are named when one is not there', async () => {
    await expect(loadEngine('zzz')).rejects.toMatchObject({ code: 'not-found', hint: expect.stringContaining('aws') })
  })

  it('load no SDK before a program is used', () => {
    const script = `
      import { scanEngines } from ${JSON.stringify(pathToFileURL(join(ENGINES_FOLDER, 'scan.ts')).href)}
      import { createRequire } from 'node:module'
      const loaded = () => Object.keys(createRequire(import.meta.url).cache).filter((name) => name.includes('@pulumi')).length
      const engines = await scanEngines()
      const kinds = [...engines.values()].map((engine) => Object.keys(engine.programs).length)
      const before = loaded()
      const kind = engines.get('aws').programs.site.kind
      console.log(JSON.stringify({ codes: [...engines.keys()], kinds, before, kind, after: loaded() > 0 }))`
    const shown = execFileSync(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script],
      { encoding: 'utf8' },
    )
    const result = JSON.parse(shown) as { codes: string[]; before: number; kind: string; after: boolean }
    expect(result.codes).toEqual(expect.arrayContaining(['aws', 'dgo', 'ggc']))
    expect([result.before, result.kind, result.after]).toEqual([0, 'site', true])
  })
})
