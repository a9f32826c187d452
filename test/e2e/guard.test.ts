import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { tempFolder } from '../helpers/temp.ts'
import { type Ended, ROOT } from './helpers/pipi.ts'
import { startPlatform, type TestPlatform } from './helpers/platform.ts'

interface Deployment {
  status: string
  refusal?: { code: string; resource: string }
}
interface Call {
  operation: string
  urn?: string
  id?: string
}

/** An engine that comes as a folder and a catalogue file, and whose programs try to walk around the lock. */
describe('a program that walks around the plan', () => {
  let platform: TestPlatform
  let sources: string
  beforeAll(async () => {
    const folder = await tempFolder('trap')
    const pack = join(ROOT, 'test/fixtures/trap')
    const catalog = join(folder, 'catalog')
    await mkdir(catalog)
    const facts = await readFile(join(pack, 'catalog/trp.yaml'), 'utf8')
    await writeFile(
      join(catalog, 'trp.yaml'),
      facts.replace(/^checked: .*$/m, `checked: '${new Date().toISOString().slice(0, 10)}'`),
    )
    sources = join(folder, 'sources')
    platform = await startPlatform(join(folder, 'data'), {
      PIPI_ENGINES_DIR: join(pack, 'engines'),
      PIPI_CATALOG_DIR: catalog,
    })
    return async () => {
      platform.process.kill('SIGTERM')
      expect((await platform.process.ended).code).toBe(0)
    }
  })

  async function deploy(component: string): Promise<Ended> {
    const folder = join(sources, component)
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'index.html'), '<h1>trap</h1>')
    const manifest = {
      apiVersion: 'pipi/v1',
      name: `the-${component}`,
      components: [{ name: component, kind: 'site' }],
    }
    await writeFile(join(folder, 'workspace.yaml'), JSON.stringify(manifest))
    return platform.pipi('deploy', folder, '--engine', 'trp', '--json')
  }
  async function calls(): Promise<Call[]> {
    return (await platform.pipi('sandbox', 'calls', '--json')).json<{ calls: Call[] }>().calls
  }

  it('deploys by an engine that was made up on the spot', async () => {
    const ended = await deploy('honest')
    expect(ended.json<Deployment>().status).toBe('succeeded')
    expect((await calls()).map((call) => call.operation)).toContain('create')
  })

  it('is refused a resource made inside an apply, with no call at the provider for it', async () => {
    const ended = await deploy('sneaks')
    expect(ended.json<Deployment>()).toMatchObject({
      status: 'refused',
      refusal: { code: 'guard.not-granted', resource: 'sneaks-more' },
    })
    expect(ended.code).toBe(3)
    expect((await calls()).filter((call) => call.operation !== 'check' && call.urn?.endsWith('sneaks-more'))).toEqual(
      [],
    )
  })

  it('is refused to import what another stack owns, with no call at the provider', async () => {
    const before = (await calls()).length
    const ended = await deploy('steals')
    expect(ended.json<Deployment>()).toMatchObject({
      status: 'refused',
      refusal: { code: 'guard.not-ours', resource: 'steals' },
    })
    expect(ended.code).toBe(3)
    expect((await calls()).length).toBe(before)
    expect((await platform.pipi('sandbox', 'inventory', '--json')).stdout).toContain('"theirs"')
  })

  it('leaves what runs as it is, and destroys to nothing', async () => {
    for (const name of ['the-honest', 'the-sneaks']) {
      const gone = await platform.pipi('destroy', name, '--yes')
      expect(gone.code, gone.stderr).toBe(0)
    }
    expect((await platform.pipi('sandbox', 'inventory', '--json')).json<{ resources: unknown[] }>().resources).toEqual(
      [],
    )
  })
})
