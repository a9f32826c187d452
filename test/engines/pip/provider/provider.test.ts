import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as pulumi from '@pulumi/pulumi'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ProgramContext } from '../../../../engines/contract/engine.ts'
import { type Component, componentSchema } from '../../../../engines/contract/manifest.ts'
import service from '../../../../engines/pip/programs/service.ts'
import site from '../../../../engines/pip/programs/site.ts'
import { startProvider } from '../../../../engines/pip/provider/index.ts'
import { portIsFree } from '../../../helpers/free-port.ts'
import { waitFor } from '../../../helpers/wait-for.ts'
import { type AttachedStack, attachedStack } from '../../../stacks/provider/attached-stack.ts'
import { artifact, openHost, server, textOf } from '../supervisor/host.ts'

const CANARY = 'canary-5f0e9b2c'

describe('the provider of own hosts, with the real Pulumi engine', () => {
  let host: Awaited<ReturnType<typeof openHost>>
  let provider: Awaited<ReturnType<typeof startProvider>>
  let attached: AttachedStack
  let stack: pulumi.automation.Stack
  let program: () => Record<string, unknown>

  beforeEach(async () => {
    host = await openHost()
    provider = await startProvider({ companion: host.supervisor.address })
    attached = await attachedStack({ pip: provider.address }, async () => program())
    stack = attached.stack
  })
  afterEach(async () => {
    await attached.remove()
    await provider.close()
    await host.supervisor.close()
  })

  it('deploys a site, a new version of it on the same address, and leaves nothing when it is destroyed', async () => {
    program = await siteProgram({ 'index.html': 'one' })
    const first = await stack.up()
    const url = first.outputs.url?.value
    expect(await textOf(url)).toBe('one')
    expect((await stack.up()).summary.resourceChanges).toEqual({ same: 3 })

    program = await siteProgram({ 'index.html': 'two' })
    const second = await stack.up()
    expect(second.summary.resourceChanges).toMatchObject({ replace: 1, update: 1 })
    expect(second.outputs.url?.value).toBe(url)
    expect(await textOf(url)).toBe('two')
    expect((await readdir(join(host.folder, 'releases'))).length).toBe(1)

    await stack.destroy()
    expect(await portIsFree(Number(new URL(url).port))).toBe(true)
    for (const name of ['desired', 'instances', 'logs', 'releases'])
      expect(await readdir(join(host.folder, name)), name).toEqual([])
  })

  it('previews without touching the host', async () => {
    program = await siteProgram({ 'index.html': 'one' })
    expect((await stack.preview()).changeSummary).toMatchObject({ create: 3 })
    expect(await host.client.processes()).toEqual([])
    await stack.up()
    program = await siteProgram({ 'index.html': 'two' })
    expect((await stack.preview()).changeSummary).toMatchObject({ replace: 1, update: 1 })
    expect(await readdir(join(host.folder, 'releases'))).toHaveLength(1)
  })

  it('replaces a process only when it gets another name, and updates it for all else', async () => {
    const files = await artifact(server('process.env.GREETING'))
    program = serviceProgram(files, { env: { GREETING: 'hello' } })
    const url = (await stack.up()).outputs.url?.value
    expect(await textOf(url)).toBe('hello')
    program = serviceProgram(files, { env: { GREETING: 'moin' }, memoryMb: 96 })
    expect((await stack.up()).summary.resourceChanges).toMatchObject({ update: 1, same: 2 })
    expect(await textOf(url)).toBe('moin')
    program = serviceProgram(files, { env: { GREETING: 'moin' }, memoryMb: 96 }, 'other')
    const renamed = await stack.up()
    expect(renamed.summary.resourceChanges).toMatchObject({ replace: 2 })
    expect(renamed.outputs.url?.value).not.toBe(url)
    expect((await host.client.processes()).map(({ spec }) => spec.name)).toEqual(['other'])
  })

  it('sees what was changed behind its back, and puts it right', async () => {
    program = await siteProgram({ 'index.html': 'one' })
    const url = (await stack.up()).outputs.url?.value
    const [status] = await host.client.processes()

    await host.client.removeProcess('demo')
    expect((await stack.refresh()).summary.resourceChanges).toMatchObject({ delete: 1 })
    await stack.up()
    expect(await textOf(url)).toBe('one')

    await writeFile(join(host.folder, 'releases', status?.spec.release ?? '', 'files/index.html'), 'defaced')
    await stack.refresh()
    await stack.up()
    expect(await textOf(url)).toBe('one')

    await rm(join(host.folder, 'releases', status?.spec.release ?? ''), { recursive: true })
    await stack.refresh()
    await stack.up()
    expect(await textOf(url)).toBe('one')
  })

  it('fails with the last lines of what never became healthy, keeps what ran, and recovers with the next version', async () => {
    program = serviceProgram(await artifact(server('"good"')), {})
    const url = (await stack.up()).outputs.url?.value
    program = serviceProgram(await artifact({ 'server.js': 'console.log("no database"); process.exit(4)' }), {})
    const error = await stack.up().catch((thrown) => thrown)
    expect(error.message).toContain('no database')
    expect(error.message).toContain('exit code 4')
    expect(await textOf(url)).toBe('good')
    program = serviceProgram(await artifact(server('"better"')), {})
    await stack.up()
    expect(await textOf(url)).toBe('better')
    expect(await readdir(join(host.folder, 'releases'))).toHaveLength(1)
  })

  it('adopts by import what a killed engine left, without making it again', async () => {
    program = await siteProgram({ 'index.html': 'one' })
    await stack.up()
    const [before] = await host.client.processes()
    const state = await stack.exportStack()
    state.deployment.resources = state.deployment.resources.filter(
      (one: { type: string }) => !one.type.startsWith('pip:'),
    )
    await stack.importStack(state)
    const declare = program
    program = () => {
      pulumi.runtime.registerStackTransformation(({ type, props, opts }) => {
        if (!type.startsWith('pip:')) return undefined
        return {
          props,
          opts: { ...opts, import: type.endsWith('Process') ? 'demo' : (before?.spec.release as string) },
        }
      })
      return declare()
    }
    await stack.up()
    expect((await host.client.processes())[0]?.pid).toBe(before?.pid)
    program = declare
    expect((await stack.up()).summary.resourceChanges).toEqual({ same: 3 })
  })

  it('keeps secrets out of the state and of what is printed', async () => {
    const printed: string[] = []
    program = serviceProgram(await artifact(server('process.env.TOKEN')), { env: { TOKEN: CANARY } })
    const url = (await stack.up({ onOutput: (text) => printed.push(text) })).outputs.url?.value
    expect(await textOf(url)).toBe(CANARY)
    await stack.refresh({ onOutput: (text) => printed.push(text) })
    expect(printed.join('')).not.toContain(CANARY)
    expect(await readFile(join(attached.folder, 'state/.pulumi/stacks/wire/test.json'), 'utf8')).not.toContain(CANARY)
    const [status] = await host.client.processes()
    expect(await readFile(`/proc/${status?.pid}/cmdline`, 'latin1')).not.toContain(CANARY)
  })

  it('says which inputs are wrong', async () => {
    const files = await artifact({ 'index.html': '' })
    program = () => {
      const release = new Bare('pip:host/release:Release', 'r', {
        ...files,
        name: 'Not A Name',
        colour: 'red',
      })
      return { release: release.id }
    }
    const error = await stack.up().catch((thrown) => thrown)
    expect(error.message).toContain('small letters, digits')
    expect(error.message).toContain('no such property')
    program = () => ({ volume: new Bare('pip:host/volume:Volume', 'v', {}).id })
    expect((await stack.up().catch((thrown) => thrown)).message).toContain('Hosts have no pip:host/volume:Volume')
  })

  it('waits for a supervisor that is being started again', async () => {
    program = await siteProgram({ 'index.html': 'one' })
    await host.supervisor.close()
    const going = stack.up()
    await waitFor('the deployment to wait', async () => readdir(attached.folder))
    host = await openHost({}, host.folder)
    expect(await textOf((await going).outputs.url?.value)).toBe('one')
  })
})

class Bare extends pulumi.CustomResource {}

async function siteProgram(files: Record<string, string>): Promise<() => Record<string, unknown>> {
  const component = componentSchema.parse({ name: 'pages', kind: 'site' })
  const context = contextOf(component, await artifact(files), 'demo')
  return () => site.declare(context)
}

function serviceProgram(files: Awaited<ReturnType<typeof artifact>>, more: Record<string, unknown>, slug = 'demo') {
  const component = componentSchema.parse({ name: 'api', kind: 'service', ...more })
  const context = contextOf(component, files, slug)
  return () => service.declare(context)
}

function contextOf(
  component: Component,
  { source, digest }: { source: string; digest: string },
  slug: string,
): ProgramContext {
  return {
    workspace: { id: 'w-1', name: 'demo' },
    component,
    artifact: { travels: 'folder', path: source, digest },
    region: 'host',
    slug,
    environment: component.env,
  }
}
