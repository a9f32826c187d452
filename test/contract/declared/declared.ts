import { isBuilt } from '../../../engines/contract/component.ts'
import type { Engine } from '../../../engines/contract/engine.ts'
import { type Manifest, manifestSchema } from '../../../engines/contract/manifest.ts'
import type { Carriage } from '../../../factory/stem-cell/carriage.ts'
import { configurationOf } from '../../../factory/stem-cell/configuration.ts'
import { guardRules } from '../../../factory/stem-cell/guard-rules.ts'
import { programOf } from '../../../factory/stem-cell/program.ts'
import { destroy, up } from '../../../platform/drill/light/stack-run.ts'
import type { HeldResource } from '../../../platform/drill/light/states.ts'
import type { GrantLine } from '../../../stacks/contract/grant.ts'
import { Guard } from '../../../stacks/guard/guard.ts'
import { planProgram } from '../../../stacks/planner/plan-program.ts'
import { openPlatformReader } from '../../../stacks/recovery/platform-reader.ts'
import { isAtPlatform, nameOfUrn } from '../../../stacks/wire/urn.ts'
import { plain, type Values } from '../../../stacks/wire/values.ts'
import { type ExampleSource, exampleArtifacts, exampleComponents } from './examples.ts'
import { Recording } from './recording.ts'

/** A resource that a program or a wall declared, and what became of it at a platform that made it. */
export interface Declared {
  urn: string
  type: string
  /** The kind of the component that it is of; `walls`: of the account's own walls. */
  kind: string
  /** Its inputs as they reach the provider: resolved, and prepared by the guard. */
  asked: Values
  id: string
  outputs: Values
}

export interface DeclareOptions {
  engine: Engine
  /** gRPC address by provider name, where everything is made and then unmade: a simulated platform. */
  upstreams: Readonly<Record<string, string>>
  source: ExampleSource
  folder: string
}

const WORKSPACE = { id: 'wcontract00000000001', name: 'contract' }

/** All that an engine's programs and walls declare, made at a platform through the guard, so that nothing is unknown. */
export async function declaredAt(options: DeclareOptions): Promise<Declared[]> {
  const components = exampleComponents(options.engine, options.source.base)
  const examples = manifestOf(components)
  const built = await exampleArtifacts(options.engine, components, options.source, options.folder)
  const declared = await made(options, examples, { kind: 'deploy', built })
  if (options.engine.guardRails === undefined) return declared
  return [...declared, ...(await made(options, examples, { kind: 'secure', built: new Map() }))]
}

/** Types by kind, from a plan alone: for platforms that are not simulated. */
export async function plannedAt(options: Omit<DeclareOptions, 'upstreams'>): Promise<Declared[]> {
  const { engine } = options
  const components = exampleComponents(engine, options.source.base)
  const built = await exampleArtifacts(engine, components, options.source, options.folder)
  const manifest = manifestOf(components)
  const planned = await planProgram({
    ...stackOf(engine),
    program: programOf(carriageOf(engine, manifest, { kind: 'deploy', built })),
  })
  const outputs = {}
  return planned.filter(isAtPlatform).map(({ urn, type, inputs }) => ({
    ...{ urn, type, kind: kindOf(urn, manifest), asked: inputs, id: '', outputs },
  }))
}

type Asked = Pick<Carriage['order'], 'kind'> & Pick<Carriage, 'built'>

async function made(options: DeclareOptions, manifest: Manifest, asked: Asked): Promise<Declared[]> {
  const { engine, upstreams } = options
  const rules = guardRules(engine, manifest, { plan: engine.dna.sandbox?.plan ?? '', region: regionOf(engine) })
  const configuration = sandboxConfiguration(engine)
  const carriage = carriageOf(engine, manifest, asked)
  const providers = new Recording(upstreams)
  const held: HeldResource[] = []
  try {
    if (engine.surroundings !== undefined && asked.kind === 'deploy')
      carriage.surroundings = await lookRound(engine, upstreams, configuration)
    const program = programOf(carriage)
    const planned = await planProgram({ ...stackOf(engine), program })
    const lines = planned.filter(isAtPlatform).flatMap(({ urn, type, inputs }): GrantLine[] => {
      const rule = rules[type]
      if (rule === undefined) throw new Error(`no rule of ${engine.dna.code} knows ${type}`)
      const answer = rule.demand(rule.safe(plain(inputs)), urn)
      if (!answer.ok) throw new Error(`${type} is refused: ${answer.message}`)
      const line: GrantLine = { urn, type, operation: 'create', amounts: answer.demand.amounts }
      return [line, { ...line, operation: 'delete' }]
    })
    const guardFor = (operation: 'create' | 'delete') =>
      new Guard({
        grant: {
          ...{ deployment: 'contract', workspace: WORKSPACE.id, token: 1, mayLoseData: true },
          lines: lines.filter((line) => line.operation === operation),
        },
        rules,
        intents: { begin: async () => 'contract', end: async () => {}, open: async () => [], reopen: async () => {} },
        known: new Map(held.map(({ urn, id }) => [urn, new Set([id])])),
        adoptions: new Map(),
        readOnly: false,
      })
    const run = { ...stackOf(engine), providers, configuration, held }
    await up({ ...run, guard: guardFor('create') }, program)
    const declared = held.filter(isAtPlatform).map(({ urn, type, id, outputs }) => ({
      ...{ urn, type, id, outputs: plain(outputs), asked: providers.asked.get(urn) ?? {} },
      kind: asked.kind === 'secure' ? 'walls' : kindOf(urn, manifest),
    }))
    await destroy({ ...run, guard: guardFor('delete') })
    return declared
  } finally {
    await providers.close()
  }
}

/** The configuration that a simulated platform takes. */
export function sandboxConfiguration(engine: Engine): Record<string, unknown> {
  const credentials = Object.fromEntries(engine.dna.credentials.map(({ config, sandbox }) => [config, sandbox]))
  const cloudAccount = engine.dna.sandbox?.cloudAccount ?? ''
  return configurationOf({ engine, credentials }, { region: regionOf(engine), cloudAccount })
}

async function lookRound(engine: Engine, upstreams: Readonly<Record<string, string>>, configuration: Values) {
  const platform = openPlatformReader({ upstreams, configuration, stack: stackOf(engine) })
  try {
    return await engine.surroundings?.({ account: accountOf(engine), region: regionOf(engine), platform, standing: [] })
  } finally {
    platform.close()
  }
}

/** What a program reads of a deployment on its way. */
function carriageOf(engine: Engine, manifest: Manifest, { kind, built }: Asked): Carriage {
  const order = { kind, manifest, workspace: WORKSPACE, region: regionOf(engine), cloudAccount: accountOf(engine) }
  return { birth: { engine }, order, built } as unknown as Carriage
}

function accountOf(engine: Engine) {
  const { cloudAccount: id = '', plan = '' } = engine.dna.sandbox ?? {}
  return { id, plan, engine: engine.dna.code, consentWatched: true }
}

function manifestOf(components: readonly unknown[]): Manifest {
  return manifestSchema.parse({
    ...{ apiVersion: 'pipi/v1', name: WORKSPACE.name, components },
    users: [{ name: 'Owner', email: 'owner@example.org', role: 'owner' }],
  })
}

function stackOf(engine: Engine): { project: string; stack: string } {
  return { project: `pipi-${engine.dna.code}`, stack: WORKSPACE.id }
}

function regionOf(engine: Engine): string {
  return engine.dna.regions[0] ?? ''
}

/** By the name that its resource begins with; what several share is of all that is built. */
function kindOf(urn: string, { components }: Manifest): string {
  const name = nameOfUrn(urn)
  const of = components
    .filter((one) => name === one.name || name.startsWith(`${one.name}-`))
    .sort((a, b) => b.name.length - a.name.length)[0]
  return of?.kind ?? [...new Set(components.filter(isBuilt).map(({ kind }) => kind))].join(', ')
}
