import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { type Component, type ComponentKind, componentSchema, isBuilt } from '../../engines/contract/component.ts'
import type { Built, Engine } from '../../engines/contract/engine.ts'
import { packComponent } from '../../engines/parts/pack-component.ts'
import { sandboxModuleOf, scanEngines } from '../../engines/scan.ts'
import { built, type Deployable, useCloud } from '../engines/use-cloud.ts'
import { railsContext } from '../engines/walls.ts'
import { tempFolder } from '../helpers/temp.ts'
import type { AttachedStack } from '../stacks/provider/attached-stack.ts'

/** What each kind is built of, and what of it must be said. */
const FILES: Partial<Record<ComponentKind, Record<string, string>>> = {
  site: { 'index.html': '<h1>it answers</h1>', '404.html': 'lost' },
  service: {
    'package.json': '{"name":"service","type":"module"}',
    'server.js': `import { createServer } from 'node:http'
      createServer((request, response) => response.end('it answers ' + request.url + ' ' + process.env.GREETING))
        .listen(Number(process.env.PORT), process.env.HOST ?? '127.0.0.1')`,
  },
  function: { 'package.json': '{"type":"module"}', 'index.js': "export default () => new Response('it answers')" },
  job: { 'package.json': '{"type":"module"}', 'job.js': "console.log('it ran')" },
}
const SAID: Partial<Record<ComponentKind, Record<string, unknown>[]>> = {
  job: [{ schedule: '15 3 * * 1' }],
  // An engine may carry one model only.
  database: ['key-value', 'document', 'relational'].map((model) => ({ model })),
}

const engines = [...(await scanEngines()).values()].filter((engine) => sandboxModuleOf(engine) !== undefined)

describe.each(engines.map((engine) => [engine.dna.code, engine] as const))(
  'the simulated cloud of %s',
  (code, engine) => {
    const cloud = useCloud(code)
    const kinds = Object.values(engine.programs).flatMap((program) => (program === undefined ? [] : [program.kind]))
    const components = kinds.filter((kind) => kind !== 'container').map((kind) => componentOf(engine, kind))
    const carried = components.map((one) => one.kind).join(', ')

    it(`carries each kind that it has a program for (${carried}): up, answers, same, refresh, destroy`, async () => {
      const parts: Deployable[] = []
      for (const component of components) parts.push({ component, artifact: await artifactOf(engine, component) })
      const attached = await cloud.open(parts)
      const { outputs } = await attached.stack.up()
      const reached = components.filter((one) => isBuilt(one) && one.kind !== 'job')
      for (const { name, kind } of reached) {
        const answer = await fetch(String(outputs[name]?.value.url))
        expect(await answer.text(), kind).toContain(kind === 'service' ? 'it answers / and greets' : 'it answers')
        expect(answer.status, kind).toBe(200)
      }
      await staysTheSame(attached)
      await cloud.sandbox.admin('POST', '/visitors', { requests: 2, monthly: 1_000 })
      expect(await cloud.billed()).toBe(0)
      await attached.stack.destroy()
      expect(await cloud.inventory()).toEqual([])
      for (const { name } of reached) await expect(fetch(String(outputs[name]?.value.url))).rejects.toThrow()
    })

    it.runIf(kinds.includes('container'))('carries containers, whose images want a story of their own', () => {
      expect(existsSync(join(import.meta.dirname, `../engines/${code}/container.test.ts`))).toBe(true)
    })

    it.skipIf(engine.guardRails === undefined)(
      "takes the account's own walls: up, same, refresh, destroy",
      async () => {
        const attached = await cloud.run(() => engine.guardRails?.declare(railsContext(engine)) ?? {}, {})
        await attached.stack.up()
        await staysTheSame(attached)
        expect(await cloud.billed()).toBe(0)
        await attached.stack.destroy()
        expect(await cloud.inventory()).toEqual([])
      },
    )
  },
)

async function staysTheSame({ stack }: AttachedStack): Promise<void> {
  expect(Object.keys((await stack.up()).summary.resourceChanges ?? {})).toEqual(['same'])
  expect(Object.keys((await stack.refresh()).summary.resourceChanges ?? {})).toEqual(['same'])
}

/** The first of this kind that the engine does not refuse. */
function componentOf(engine: Engine, kind: ComponentKind): Component {
  const env = isRunningKind(kind) ? { env: { GREETING: 'and greets' } } : {}
  const some = (SAID[kind] ?? [{}]).map((said) =>
    componentSchema.parse({ name: `main-${kind}`, kind, ...env, ...said }),
  )
  const carried = some.find((one) => engine.refuses?.(one) === undefined)
  if (carried === undefined) throw new Error(`${engine.dna.code} refuses each ${kind}`)
  return carried
}

function isRunningKind(kind: ComponentKind): boolean {
  return FILES[kind] !== undefined && kind !== 'site'
}

async function artifactOf(engine: Engine, component: Component): Promise<Deployable['artifact']> {
  if (!isBuilt(component)) return { travels: 'nothing' }
  return packComponent(
    engine,
    await asRepository(await built(FILES[component.kind] ?? {})),
    component,
    await tempFolder('pack'),
  )
}

/** Some platforms build by themselves, from a git repository. */
async function asRepository(build: Built): Promise<Built> {
  const git = async (...args: string[]): Promise<string> => {
    const who = ['-c', 'user.name=t', '-c', 'user.email=t@example.org']
    return (await promisify(execFile)('git', ['-C', build.path, ...who, ...args])).stdout.trim()
  }
  await git('init', '-q', '-b', 'main')
  await git('add', '.')
  await git('commit', '-q', '-m', 'one')
  const commit = await git('rev-parse', 'HEAD')
  return { ...build, git: { url: `file://${build.path}`, ref: 'main', commit, path: '.' } }
}
