import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as pulumi from '@pulumi/pulumi'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ComponentOf, serviceSchema, siteSchema } from '../../../../engines/contract/component.ts'
import type { ProgramContext } from '../../../../engines/contract/engine.ts'
import service from '../../../../engines/pip/programs/service.ts'
import site from '../../../../engines/pip/programs/site.ts'
import { startProvider } from '../../../../engines/pip/provider/index.ts'
import { portIsFree } from '../../../helpers/free-port.ts'
import { waitFor } from '../../../helpers/wait-for.ts'
import { artifact, openHost, server, textOf } from '../supervisor/host.ts'
import { type HostProgram, type HostResult, type HostStack, hostStack } from './host-stack.ts'

const CANARY = 'canary-5f0e9b2c'

describe('the provider of own hosts, with the real Pulumi engine behind the real guard', () => {
  let host: Awaited<ReturnType<typeof openHost>>
  let provider: Awaited<ReturnType<typeof startProvider>>
  let stack: HostStack

  beforeEach(async () => {
    host = await openHost()
    provider = await startProvider({ companion: host.supervisor.address })
    stack = await hostStack(provider.address)
  })
  afterEach(async () => {
    await provider.close()
    await host.supervisor.close()
  })

  async function up(program: HostProgram): Promise<HostResult & { url: string }> {
    const result = await stack.run('up', program)
    expect(result.text).toBe('')
    expect(result.ok).toBe(true)
    return { ...result, url: String(result.outputs.url) }
  }
  const releases = () => readdir(join(host.folder, 'releases/demo')).catch(() => [])

  it('deploys a site, a new version of it on the same address, and leaves nothing when it is destroyed', async () => {
    const one = await siteProgram({ 'index.html': 'one' })
    const { url } = await up(one)
    expect(await textOf(url)).toBe('one')
    expect((await up(one)).changed).toEqual([])

    const two = await siteProgram({ 'index.html': 'two' })
    const preview = await stack.run('preview', two)
    expect(preview.changed).toContain('update pages')
    expect(await textOf(url)).toBe('one')
    expect(await releases()).toHaveLength(1)

    const second = await up(two)
    expect(second.changed).toEqual(['update pages'])
    expect(second.url).toBe(url)
    expect(await textOf(url)).toBe('two')
    expect(await releases()).toHaveLength(2)

    expect((await stack.run('destroy')).ok).toBe(true)
    expect(await portIsFree(Number(new URL(url).port))).toBe(true)
    for (const name of ['desired', 'instances', 'logs', 'releases']) {
      expect(await readdir(join(host.folder, name)), name).toEqual([])
    }
  })

  it('previews a first deployment without touching the host', async () => {
    const preview = await stack.run('preview', await siteProgram({ 'index.html': 'one' }))
    expect(preview.changed).toContain('create pages')
    expect(await host.client.processes()).toEqual([])
    expect(await releases()).toEqual([])
  })

  it('replaces a process only when it gets another name, and updates it for all else', async () => {
    const files = await artifact(server('process.env.GREETING'))
    const { url } = await up(serviceProgram(files, { env: { GREETING: 'hello' } }))
    expect(await textOf(url)).toBe('hello')
    const updated = await up(serviceProgram(files, { env: { GREETING: 'moin' }, memoryMb: 96 }))
    expect(updated.changed).toEqual(['update api'])
    expect(await textOf(url)).toBe('moin')
    const renamed = await up(serviceProgram(files, { env: { GREETING: 'moin' }, memoryMb: 96 }, 'other'))
    expect(renamed.changed).toContain('create-replacement api')
    expect(renamed.url).not.toBe(url)
    expect((await host.client.processes()).map(({ spec }) => spec.name)).toEqual(['other'])
  })

  it('sees what was changed behind its back, and puts it right', async () => {
    const program = await siteProgram({ 'index.html': 'one' })
    const { url } = await up(program)
    await writeFile(join(host.folder, 'releases/demo', (await releases())[0] ?? '', 'index.html'), 'defaced')
    expect((await stack.run('refresh')).ok).toBe(true)
    expect((await up(program)).changed).toEqual(['update pages'])
    expect(await textOf(url)).toBe('one')

    await host.client.removeProcess('demo')
    await stack.run('refresh')
    expect((await stack.state()).resources.map(({ type }) => type)).not.toContain('pip:host/process:Process')
    // Its port was free meanwhile, and may be another's now.
    const again = await up(program)
    expect(again.changed).toEqual(['create pages'])
    expect(await textOf(again.url)).toBe('one')
  })

  it('fails with the last lines of what never became healthy, keeps what ran, and recovers with the next version', async () => {
    const { url } = await up(serviceProgram(await artifact(server('"good"')), {}))
    const broken = serviceProgram(await artifact({ 'server.js': 'console.log("no database"); process.exit(4)' }), {})
    const failed = await stack.run('up', broken)
    expect(failed.ok).toBe(false)
    expect(failed.text).toContain('no database')
    expect(failed.text).toContain('exit code 4')
    expect(await textOf(url)).toBe('good')
    await up(serviceProgram(await artifact(server('"better"')), {}))
    expect(await textOf(url)).toBe('better')
    expect(await releases()).toHaveLength(2)
  })

  it('makes nothing when the first version never becomes healthy', async () => {
    const failed = await stack.run('up', serviceProgram(await artifact({ 'server.js': 'process.exit(4)' }), {}))
    expect(failed.ok).toBe(false)
    expect(await host.client.processes()).toEqual([])
    expect((await stack.run('destroy')).ok).toBe(true)
    expect(await releases()).toEqual([])
  })

  it('adopts what a killed engine left, by the id it had to get, without making it again', async () => {
    const program = await siteProgram({ 'index.html': 'one' })
    await up(program)
    const [before] = await host.client.processes()
    const { resources } = await stack.state()
    // Another folder: a state that knows of nothing.
    const next = await hostStack(provider.address)
    const adoptions = new Map(
      resources.flatMap(({ urn, id, outputs }) => {
        const labels = outputs.labels as Record<string, string> | undefined
        return id === undefined || labels === undefined ? [] : [[urn, { id, intent: labels['pipi-intent'] ?? '' }]]
      }),
    )
    expect(adoptions.size).toBe(1)
    const adopted = await next.run('up', program, adoptions)
    expect(adopted.text).toBe('')
    expect((await host.client.processes())[0]?.pid).toBe(before?.pid)
    expect((await next.run('up', program)).changed).toEqual([])
    expect(await releases()).toHaveLength(1)
  })

  it('keeps secrets out of the state, of what is told and of process lists', async () => {
    const { url } = await up(serviceProgram(await artifact(server('process.env.TOKEN')), { env: { TOKEN: CANARY } }))
    expect(await textOf(url)).toBe(CANARY)
    expect(JSON.stringify(await stack.run('refresh'))).not.toContain(CANARY)
    expect(await readFile(join(stack.folder, 'state/.pulumi/stacks/pipi-pip/wone.json'), 'utf8')).not.toContain(CANARY)
    const [status] = await host.client.processes()
    expect(await readFile(`/proc/${status?.pid}/cmdline`, 'latin1')).not.toContain(CANARY)
  })

  it('says which inputs are wrong, and refuses a type that it does not have', async () => {
    const files = await artifact({ 'index.html': '' })
    const wrong = await stack.run('up', () => ({
      id: new Bare('pip:host/process:Process', 'p', {
        ...files,
        name: 'Not A Name',
        colour: 'red',
        runtime: 'static',
        memory: 48,
      }).id,
    }))
    expect(wrong.text).toContain('small letters, digits')
    expect(wrong.text).toContain('no such property')
    const unknown = await stack.run('up', () => ({ id: new Bare('pip:host/volume:Volume', 'v', {}).id }))
    expect(unknown.refusals[0]?.code).toBe('lock.unknown-type')
  })

  it('waits for a supervisor that is being started again', async () => {
    const program = await siteProgram({ 'index.html': 'one' })
    await host.supervisor.close()
    const going = stack.run('up', program)
    await waitFor('the deployment to have begun', async () => (await readdir(join(stack.folder, 'state'))).length > 0)
    host = await openHost({}, host.folder)
    expect(await textOf(String((await going).outputs.url))).toBe('one')
  })
})

class Bare extends pulumi.CustomResource {}

async function siteProgram(files: Record<string, string>): Promise<() => Record<string, unknown>> {
  const component = siteSchema.parse({ name: 'pages', kind: 'site' })
  const context = contextOf(component, await artifact(files), 'demo')
  return () => site.declare(context)
}

function serviceProgram(files: Awaited<ReturnType<typeof artifact>>, more: Record<string, unknown>, slug = 'demo') {
  const component = serviceSchema.parse({ name: 'api', kind: 'service', ...more })
  const context = contextOf(component, files, slug)
  return () => service.declare(context)
}

function contextOf<K extends 'site' | 'service'>(
  component: ComponentOf<K>,
  { source, digest }: { source: string; digest: string },
  slug: string,
): ProgramContext<K> {
  return {
    workspace: { id: 'w-1', name: 'demo' },
    component,
    artifact: { travels: 'folder', path: source, digest } as ProgramContext<K>['artifact'],
    region: 'host',
    slug,
    environment: (component as ComponentOf<'service'>).env,
    uses: {},
  }
}
