import { type Input, type Output, output, secret } from '@pulumi/pulumi'
import { PipiError } from '../../../catalog/errors.ts'
import { type BuiltComponent, type Component, isBuilt, usedEnvironment } from '../../contract/component.ts'
import type { ProgramContext, ProgramOutputs, Together } from '../../contract/engine.ts'
import { passwordsOf } from '../../parts/password/kept-back.ts'
import { parseSchedule } from '../../parts/schedule/cron.ts'
import { declareMachine, type Placed } from './declare-machine.ts'
import { grantOf, memoryOf } from './size.ts'
import { archiveOf, type Spec } from './spec.ts'

type Context = Omit<ProgramContext<'service'>, 'component'> & { component: BuiltComponent }

const SHARED = 'machine'

interface Gathering {
  placed: Placed[]
  address: PromiseWithResolvers<Output<string>>
}

/**
 * Puts a component onto the one machine of its workspace, which is declared with the last of them: a free tenancy has
 * room for two machines and two networks, so one for each component would let two components in.
 */
export function place<K extends BuiltComponent['kind']>(given: ProgramContext<K>): ProgramOutputs {
  const context = given as unknown as Context
  const { component, artifact } = context
  if (artifact.travels !== 'file') {
    throw new PipiError(
      'platform.internal',
      `expected a file for "${component.name}", got an artifact that travels as ${artifact.travels}`,
    )
  }
  const together = context.together ?? { components: [component], shared: new Map<string, unknown>() }
  const gathering = gatheringOf(together)
  const all = together.components.filter(isBuilt)
  const prefix = prefixOf(component, all)
  gathering.placed.push({
    name: component.name,
    artifact,
    spec: output(environmentOf(context)).apply((environment) =>
      specOf(component, { release: artifact.digest, ...archiveOf(artifact.path) }, prefix, environment),
    ),
    memoryMb: memoryOf(component),
  })
  if (gathering.placed.length === all.length) gathering.address.resolve(declareMachine(context, gathering.placed))
  if (prefix === undefined) return { url: output(undefined) }
  const address = output(gathering.address.promise)
  return { url: address.apply((base) => `${base}${prefix}`), release: artifact.digest.slice(0, 16) }
}

function gatheringOf({ shared }: Together): Gathering {
  const known = shared.get(SHARED) as Gathering | undefined
  const gathering = known ?? { placed: [], address: Promise.withResolvers<Output<string>>() }
  shared.set(SHARED, gathering)
  return gathering
}

/** One address has one root: the first site has it, else the first that is reached; the others lie below their name. */
function prefixOf(component: Component, all: readonly Component[]): string | undefined {
  const reached = all.filter(({ kind }) => kind !== 'job')
  const root = reached.find(({ kind }) => kind === 'site') ?? reached[0]
  if (component.kind === 'job') return undefined
  return root?.name === component.name ? '/' : `/${component.name}/`
}

function specOf(
  component: BuiltComponent,
  release: Pick<Spec, 'release' | 'archive'>,
  prefix: string | undefined,
  environment: Record<string, string>,
): Spec {
  const { name, kind } = component
  return {
    ...{ name, ...release, memoryMb: grantOf(component), environment },
    ...(prefix === undefined ? {} : { prefix }),
    ...(kind === 'service' || kind === 'container' ? { health: component.health } : {}),
    ...(kind === 'job' ? { schedule: parseSchedule(component.schedule), timeoutS: component.timeoutS } : {}),
  }
}

/** What lets one in is known to what uses it, and to nobody else; the address of a store is a key by itself. */
function environmentOf({ component, environment, uses }: Context): Record<string, Input<string>> {
  const keys = Object.entries(uses).flatMap(([name, { ticket }]) =>
    ticket === undefined ? [] : [[usedEnvironment(name), secret(ticket as Input<string>)] as const],
  )
  const timeout: Record<string, string> =
    component.kind === 'function' ? { PIPI_TIMEOUT_S: String(component.timeoutS) } : {}
  return { ...timeout, ...environment, ...passwordsOf(uses), ...Object.fromEntries(keys) }
}
