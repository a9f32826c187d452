import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { output } from '@pulumi/pulumi'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Component,
  type ComponentKind,
  type ComponentOf,
  componentSchema,
  usedEnvironment,
} from '../../../../engines/contract/component.ts'
import type { Artifact, Built, ProgramContext } from '../../../../engines/contract/engine.ts'
import functionProgram from '../../../../engines/pip/programs/function.ts'
import job from '../../../../engines/pip/programs/job.ts'
import service from '../../../../engines/pip/programs/service.ts'
import store from '../../../../engines/pip/programs/store.ts'
import { startProvider } from '../../../../engines/pip/provider/index.ts'
import { refuses } from '../../../../engines/pip/rules.ts'
import { type HostStack, hostStack } from '../provider/host-stack.ts'
import { artifact, openHost, textOf } from '../supervisor/host.ts'

const SERVER = `
const fs = require('fs'), { fileURLToPath } = require('url')
const file = fileURLToPath(process.env.OPEN_FILES_URL) + 'visits'
require('http').createServer((q, r) => {
  if (q.url === '/health') return r.end()
  fs.appendFileSync(file, 'x')
  r.end(process.env.GREETING + ' ' + fs.readFileSync(file).length)
}).listen(process.env.PORT)`

describe('what a workspace may be made of on a host, in one real stack', () => {
  let host: Awaited<ReturnType<typeof openHost>>
  let provider: Awaited<ReturnType<typeof startProvider>>
  let stack: HostStack
  let built: Record<string, Artifact>
  beforeAll(async () => {
    host = await openHost()
    provider = await startProvider({ companion: host.supervisor.address })
    stack = await hostStack(provider.address)
    const of = async (files: Record<string, string>): Promise<Artifact> => {
      const { source, digest } = await artifact(files)
      return { travels: 'folder', path: source, digest }
    }
    built = {
      api: await of({ 'server.js': SERVER }),
      hook: await of({ 'index.mjs': 'export default (request) => new Response(new URL(request.url).pathname)' }),
      night: await of({ 'job.mjs': 'console.log("good night")' }),
    }
  })
  afterAll(async () => {
    await provider.close()
    await host.supervisor.close()
  })

  const workspace =
    (greeting: string, night: Record<string, unknown> = {}) =>
    () => {
      const files = store.declare(contextOf({ name: 'open-files', kind: 'store', sizeMb: 5 }))
      const uses = { 'open-files': files }
      const environment = {
        GREETING: greeting,
        [usedEnvironment('open-files')]: output(files.url).apply((url) => url ?? ''),
      }
      const api = { name: 'api', kind: 'service', health: '/health', uses: ['open-files'] } as const
      return {
        files: files.url,
        api: service.declare({ ...contextOf(api), environment, uses }).url,
        hook: functionProgram.declare(contextOf({ name: 'hook', kind: 'function', main: 'index.mjs' })).url,
        night: job.declare(contextOf({ name: 'night', kind: 'job', main: 'job.mjs', schedule: '15 3 * * *', ...night }))
          .url,
      }
    }

  function contextOf<K extends ComponentKind>(raw: {
    name: string
    kind: K
    [field: string]: unknown
  }): ProgramContext<K> {
    const component = componentSchema.parse(raw) as ComponentOf<K>
    return {
      workspace: { id: 'w-1', name: 'demo' },
      component,
      artifact: (built[raw.name] ?? { travels: 'nothing' }) as ProgramContext<K>['artifact'],
      region: 'host',
      slug: `demo-${raw.name}`,
      environment: {},
      uses: {},
    }
  }

  it('a store and a service that keeps its files there, a function, and a job', async () => {
    const { ok, text, outputs } = await stack.run('up', workspace('hello'))
    expect([ok, text]).toEqual([true, ''])
    expect(await textOf(String(outputs.api))).toBe('hello 1')
    expect(await textOf(`${outputs.hook}a/b`)).toBe('/a/b')
    expect(outputs.night).toBe('')
    expect(await host.client.process('demo-night')).toMatchObject({
      state: 'waiting',
      next: expect.stringContaining('T03:15'),
    })
    expect((await stack.run('up', workspace('hello'))).changed).toEqual([])
  })

  it('keeps what users put there when the service is deployed anew, and changes only what changed', async () => {
    const { changed, outputs } = await stack.run('up', workspace('moin', { schedule: '0 4 * * *' }))
    expect(changed.sort()).toEqual(['update api', 'update night'])
    expect(await textOf(String(outputs.api))).toBe('moin 2')
    expect(await host.client.process('demo-night')).toMatchObject({ next: expect.stringContaining('T04:00') })
  })

  it("loses no users' file with the stack that nobody said may lose data", async () => {
    const files = fileURLToPath(String((await stack.state()).outputs.files))
    const { ok, text } = await stack.run('destroy')
    expect(ok).toBe(false)
    expect(text).toMatch(/data/i)
    expect(await readdir(files)).toEqual(['visits'])
    await host.client.removeProcess('demo-api')
    expect(await readdir(join(host.folder, 'stores'))).toEqual(['demo-open-files'])
  })
})

describe('what is started of a service', () => {
  const component = (more: Record<string, unknown>) =>
    componentSchema.parse({ name: 'api', kind: 'service', ...more }) as ComponentOf<'service'>
  const built = (made?: Built['made']): Built => ({ path: '/x', digest: 'd', ...(made === undefined ? {} : { made }) })

  it('is the jar that the build found, and its artifact says which', async () => {
    const made = { tool: 'maven', runtime: 'jar', jar: 'app.jar' } as const
    expect(await service.pack(built(made), component({ runtime: 'jvm' }))).toMatchObject({ travels: 'folder', made })
  })

  it('is refused where a JVM is asked for and there is no jar, unless the manifest names one', async () => {
    const files = built({ tool: 'none', runtime: 'files' })
    await expect(service.pack(files, component({ runtime: 'jvm' }))).rejects.toMatchObject({ code: 'build.failed' })
    await service.pack(files, component({ runtime: 'jvm', jar: 'lib/app.jar' }))
    await service.pack(files, component({}))
  })
})

describe('what a host does not carry', () => {
  it('is refused with the reason before anything is built', () => {
    const of = (raw: unknown): Component => componentSchema.parse(raw)
    expect(refuses?.(of({ name: 'api', kind: 'service', runtime: 'jvm', memoryMb: 64 }))).toMatch(/96 at least/)
    expect(refuses?.(of({ name: 'api', kind: 'service', runtime: 'jvm' }))).toBeUndefined()
    expect(refuses?.(of({ name: 'api', kind: 'service', memoryMb: 64 }))).toBeUndefined()
  })
})
