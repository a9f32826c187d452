import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Component,
  type ComponentKind,
  type ComponentOf,
  componentSchema,
  isBuilt,
} from '../../engines/contract/component.ts'
import type { Artifact, Built, Engine, ProgramModule } from '../../engines/contract/engine.ts'
import { packComponent } from '../../engines/parts/pack-component.ts'
import { sandboxModuleOf, scanEngines } from '../../engines/scan.ts'
import { surroundingsOf } from '../engines/surroundings.ts'
import { railsContext } from '../engines/walls.ts'
import { type TestDatabase, testDatabase } from '../helpers/postgres.ts'
import { tempFolder } from '../helpers/temp.ts'
import { attachedStack } from '../stacks/provider/attached-stack.ts'
import { type SandboxProcess, sandboxProcess } from '../stacks/sandbox/sandbox-process.ts'

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

const engines = [...(await scanEngines()).values()].filter((engine) => sandboxModuleOf(engine) !== undefined)

describe.each(engines.map((engine) => [engine.dna.code, engine] as const))('the simulated cloud of %s', (_, engine) => {
  let database: TestDatabase
  let sandbox: SandboxProcess

  beforeAll(async () => {
    database = await testDatabase({ migrated: false })
    sandbox = await sandboxProcess({
      databaseUrl: database.url,
      dataFolder: await tempFolder('sandbox'),
      clouds: [
        {
          engine: engine.dna.code,
          module: sandboxModuleOf(engine) ?? '',
          cloudAccount: { id: engine.dna.sandbox?.cloudAccount ?? '', plan: engine.dna.sandbox?.plan ?? '' },
        },
      ],
    })
  })
  afterAll(async () => {
    await sandbox.stop()
    await database.drop()
  })

  const kinds = Object.values(engine.programs).filter((program) => program !== undefined)
  it.each(kinds.map((program) => [program.kind, program] as const))(
    'carries a %s: up, answers, same, destroy',
    async (kind, program) => {
      const component = componentOf(engine, kind)
      const artifact = isBuilt(component)
        ? await packComponent(engine, await builtOf(kind), component, await tempFolder('pack'))
        : { travels: 'nothing' }
      const asked = await surroundingsOf(engine, sandbox, plainConfigOf(engine))
      const declare = async (): Promise<Record<string, unknown>> =>
        (program as ProgramModule<'service'>).declare({
          workspace: { id: 'w01234567890123456789', name: 'conformance' },
          component: component as ComponentOf<'service'>,
          artifact: artifact as Artifact,
          region: engine.dna.regions[0] ?? '',
          slug: `conf-${kind}-a1b2c3`,
          environment: { GREETING: 'and greets' },
          uses: {},
          ...asked,
        })
      const attached = await attachedStack(sandbox.ready.providers, declare, configOf(engine))
      try {
        const { outputs } = await attached.stack.up()
        const url = String(outputs.url?.value)
        if (isReached(kind)) {
          const answer = await fetch(url)
          expect(await answer.text()).toContain(kind === 'service' ? 'it answers / and greets' : 'it answers')
          expect(answer.status).toBe(200)
        }
        expect(Object.keys((await attached.stack.up()).summary.resourceChanges ?? {})).toEqual(['same'])
        expect(Object.keys((await attached.stack.refresh()).summary.resourceChanges ?? {})).toEqual(['same'])
        await sandbox.admin('POST', '/visitors', { requests: 2, monthly: 1_000 })
        expect(await sandbox.admin('GET', '/bill')).toMatchObject({ total: 0 })
        await attached.stack.destroy()
        expect(await sandbox.admin('GET', '/inventory')).toEqual({ resources: [] })
        if (isReached(kind)) await expect(fetch(url)).rejects.toThrow()
      } finally {
        await attached.remove()
      }
    },
  )

  const { guardRails } = engine
  if (guardRails === undefined) return
  it("takes the account's own walls: up, same, refresh, destroy", async () => {
    const declare = async (): Promise<Record<string, unknown>> => guardRails.declare(railsContext(engine))
    const attached = await attachedStack(sandbox.ready.providers, declare, configOf(engine))
    try {
      await attached.stack.up()
      expect(Object.keys((await attached.stack.up()).summary.resourceChanges ?? {})).toEqual(['same'])
      expect(Object.keys((await attached.stack.refresh()).summary.resourceChanges ?? {})).toEqual(['same'])
      expect(await sandbox.admin('GET', '/bill')).toMatchObject({ total: 0 })
      await attached.stack.destroy()
      expect(await sandbox.admin('GET', '/inventory')).toEqual({ resources: [] })
    } finally {
      await attached.remove()
    }
  })
})

/** The first of this kind that the engine does not refuse: of databases it may carry one model only. */
function componentOf(engine: Engine, kind: ComponentKind): Component {
  const base = { name: 'main', kind }
  const some =
    kind === 'database'
      ? ['key-value', 'document', 'relational'].map((model) => ({ ...base, model }))
      : [kind === 'job' ? { ...base, schedule: '15 3 * * 1' } : base]
  const components = some.map((one) => componentSchema.parse(one))
  const carried = components.find((one) => engine.refuses?.(one) === undefined)
  if (carried === undefined) throw new Error(`${engine.dna.code} refuses each ${kind}`)
  return carried
}

function isReached(kind: ComponentKind): boolean {
  return kind !== 'job' && kind !== 'database' && kind !== 'store'
}

function configOf(engine: Engine): Record<string, string> {
  const names = [...engine.dna.providers.slice(0, 1), ...engine.dna.inProcess]
  const given = Object.entries(plainConfigOf(engine))
  return Object.fromEntries(names.flatMap((name) => given.map(([key, value]) => [`${name}:${key}`, value])))
}

function plainConfigOf(engine: Engine): Record<string, string> {
  const config: Record<string, string> = {}
  for (const { config: key, sandbox } of engine.dna.credentials) config[key] = sandbox
  for (const [key, value] of Object.entries(engine.dna.config)) {
    config[key] = value.replace('{region}', engine.dna.regions[0] ?? '')
  }
  return config
}

/** What a build would leave, also as a git repository. */
async function builtOf(kind: ComponentKind): Promise<Built> {
  const path = join(await tempFolder('built'), 'out')
  await mkdir(path)
  for (const [name, text] of Object.entries(FILES[kind] ?? {})) await writeFile(join(path, name), text)
  const git = async (...args: string[]): Promise<string> =>
    (
      await promisify(execFile)('git', ['-C', path, '-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args])
    ).stdout.trim()
  await git('init', '-q', '-b', 'main')
  await git('add', '.')
  await git('commit', '-q', '-m', 'one')
  const digest = createHash('sha256').update(JSON.stringify(FILES[kind])).digest('hex')
  const commit = await git('rev-parse', 'HEAD')
  return { path, digest, git: { url: `file://${path}`, ref: 'main', commit, path: '.' } }
}
