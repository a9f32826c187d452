import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ResourceTransformArgs } from '@pulumi/pulumi'
import { registerResourceTransform } from '@pulumi/pulumi/runtime/index.js'
import { afterAll, afterEach, beforeAll } from 'vitest'
import {
  type Component,
  type ComponentKind,
  type ComponentOf,
  componentSchema,
  isBuilt,
  isRunning,
  usedEnvironment,
} from '../../engines/contract/component.ts'
import type { Built, Engine, ProgramContext, ProgramOutputs } from '../../engines/contract/engine.ts'
import { packComponent } from '../../engines/parts/pack-component.ts'
import { ENGINES_FOLDER, loadEngine } from '../../engines/scan.ts'
import { openPlatformReader } from '../../stacks/recovery/platform-reader.ts'
import { type TestDatabase, testDatabase } from '../helpers/postgres.ts'
import { tempFolder } from '../helpers/temp.ts'
import { type AttachedStack, attachedStack } from '../stacks/provider/attached-stack.ts'
import { type SandboxProcess, sandboxProcess } from '../stacks/sandbox/sandbox-process.ts'
import { surroundingsOf } from './surroundings.ts'

export interface Shown {
  type: string
  urn: string
  id: string
  inputs: Record<string, unknown>
  outputs: Record<string, unknown>
}

export interface UsedCloud {
  readonly engine: Engine
  readonly sandbox: SandboxProcess
  /** A stack of these components' programs against the simulated cloud, by the real SDK and the real Pulumi engine. */
  open(components: Deployable[], adopt?: Shown[]): Promise<AttachedStack>
  /** A stack of any program, with other configuration of the provider where some is given: straight at the platform. */
  run(program: () => Record<string, unknown>, given?: Record<string, string>): Promise<AttachedStack>
  /** Loses a stack's state. Its resources stay. */
  forget(attached: AttachedStack): Promise<void>
  inventory(): Promise<Shown[]>
  billed(): Promise<number>
  reader(): ReturnType<typeof openPlatformReader>
}

export interface Deployable {
  component: Component
  artifact: ProgramContext['artifact']
}

/** The simulated cloud of one engine for the tests of a file. */
export function useCloud(code: string): UsedCloud {
  let database: TestDatabase
  let sandbox: SandboxProcess
  let engine: Engine
  let stacks: AttachedStack[] = []

  beforeAll(async () => {
    database = await testDatabase({ migrated: false })
    engine = await loadEngine(code)
    const account = { id: engine.dna.sandbox?.cloudAccount ?? '', plan: engine.dna.sandbox?.plan ?? '' }
    const module = pathToFileURL(join(ENGINES_FOLDER, code, 'sandbox/resources.ts')).href
    sandbox = await sandboxProcess({
      databaseUrl: database.url,
      dataFolder: await tempFolder('cloud'),
      clouds: [{ engine: code, module, cloudAccount: account }],
    })
  })
  afterEach(async () => {
    for (const attached of stacks) {
      if (!(await attached.isEmpty())) await attached.stack.destroy()
      await attached.remove()
    }
    stacks = []
  })
  afterAll(async () => {
    await sandbox.stop()
    await database.drop()
  })

  const region = (): string => engine.dna.regions[0] ?? ''
  const configuration = (): Record<string, string> => ({
    ...Object.fromEntries(engine.dna.credentials.map((one) => [one.config, one.sandbox])),
    ...Object.fromEntries(
      Object.entries(engine.dna.config).map(([key, value]) => [key, value.replace('{region}', region())]),
    ),
  })

  /** Each provider's own, also where one of ours stands beside the platform's. */
  const configure = async (attached: AttachedStack, given: Record<string, string>): Promise<void> => {
    const names = [...engine.dna.providers.slice(0, 1), ...engine.dna.inProcess]
    const all = names.flatMap((name) => Object.entries(given).map(([key, value]) => [`${name}:${key}`, value]))
    await attached.configure(Object.fromEntries(all))
  }

  return {
    get engine() {
      return engine
    },
    get sandbox() {
      return sandbox
    },
    async open(components, adopt = []) {
      const attached = await attachedStack(sandbox.ready.providers, async () => {
        if (adopt.length > 0)
          registerResourceTransform(async (args) => ({
            props: args.props,
            opts: { ...args.opts, ...importOf(args, adopt) },
          }))
        const outputs: Record<string, ProgramOutputs> = {}
        // As a stem cell's program does: data first, and its address where it is used.
        const data = components.filter((one) => !isBuilt(one.component))
        const ordered = [...data, ...components.filter((one) => !data.includes(one))]
        const together = { components: ordered.map((one) => one.component), shared: new Map() }
        const asked = await surroundingsOf(engine, sandbox, configuration())
        for (const { component, artifact } of ordered) {
          const names = isRunning(component) ? component.uses : []
          const uses = Object.fromEntries(Object.entries(outputs).filter(([name]) => names.includes(name)))
          const addresses = Object.entries(uses).map(([name, { url }]) => [usedEnvironment(name), url])
          const context = {
            workspace: { id: 'w1', name: 'demo' },
            component,
            artifact,
            region: region(),
            slug: slugOf(component),
            environment: { ...component.env, ...Object.fromEntries(addresses) },
            uses,
            together,
            ...asked,
          } as ProgramContext
          const declared = engine.programs[component.kind]?.declare(context)
          if (declared !== undefined) outputs[component.name] = declared
        }
        return outputs
      })
      stacks.push(attached)
      await configure(attached, configuration())
      return attached
    },
    async run(program, given = {}) {
      const attached = await attachedStack(sandbox.ready.providers, async () => program())
      stacks.push(attached)
      await configure(attached, { ...configuration(), ...given })
      return attached
    },
    async forget(attached) {
      stacks = stacks.filter((one) => one !== attached)
      await attached.remove()
    },
    async inventory() {
      return (await sandbox.admin<{ resources: Shown[] }>('GET', '/inventory')).resources
    },
    async billed() {
      return (await sandbox.admin<{ total: number }>('GET', '/bill')).total
    },
    reader: () =>
      openPlatformReader({
        upstreams: sandbox.ready.providers,
        configuration: configuration(),
        api: { url: `${sandbox.ready.api}/api/${code}`, headers: bearer(engine) },
        stack: { project: 'wire', stack: 'test' },
      }),
  }
}

/** As a stem cell's look-ups do: the engine's own secret. */
function bearer({ dna }: Engine): Record<string, string> {
  const secret = dna.credentials.find((one) => one.secret)?.sandbox
  return secret === undefined ? {} : { authorization: `Bearer ${secret}` }
}

/** The import option of what exists already, but for objects, which no import knows. */
function importOf(args: ResourceTransformArgs, adopt: Shown[]): { import?: string } {
  const found = adopt.find((one) => one.type === args.type && one.urn.endsWith(`::${args.name}`))
  return found === undefined || found.type.endsWith(':BucketObject') ? {} : { import: found.id }
}

export function slugOf(component: Component): string {
  return `demo-${component.name}-a1b2c3`
}

/** A component as a manifest would give it, defaults filled in. */
export function component<K extends ComponentKind>(given: { kind: K; [field: string]: unknown }): ComponentOf<K> {
  return componentSchema.parse(given) as ComponentOf<K>
}

/** Files in a folder, as a build leaves them. */
export async function built(files: Record<string, string>): Promise<Built> {
  const path = await tempFolder('built')
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true })
    await writeFile(join(path, name), text)
  }
  return { path, digest: createHash('sha256').update(JSON.stringify(files)).digest('hex') }
}

export async function packed(engine: Engine, of: Component, files: Record<string, string> = {}): Promise<Deployable> {
  if (!isBuilt(of)) return { component: of, artifact: { travels: 'nothing' } }
  return { component: of, artifact: await packComponent(engine, await built(files), of, await tempFolder('packed')) }
}

export const SITE_FILES = {
  'index.html': '<h1>Institute</h1>',
  'style.css': 'h1 { color: teal }',
  'papers/index.html': '<h1>Papers</h1>',
  '404.html': '<h1>Nowhere</h1>',
  'logo.png': '\u0089PNG not really',
}

export const SERVER_FILES = {
  'server.js': `const http = require('node:http')
http.createServer((request, response) => {
  let body = ''
  request.on('data', (chunk) => { body += chunk })
  request.on('end', () => {
    response.setHeader('set-cookie', ['a=1; Path=/', 'b=2'])
    response.setHeader('content-type', 'application/json')
    response.statusCode = request.url.startsWith('/teapot') ? 418 : 200
    response.end(JSON.stringify({ method: request.method, url: request.url, body, greeting: process.env.GREETING ?? null, agent: request.headers['x-agent'] ?? null }))
  })
}).listen(process.env.PORT)
`,
}
