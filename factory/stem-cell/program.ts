import { createHash } from 'node:crypto'
import { output, secret } from '@pulumi/pulumi'
import { PipiError } from '../../catalog/errors.ts'
import { metersOf } from '../../catalog/meters.ts'
import { type Component, isBuilt, isRunning, usedEnvironment } from '../../engines/contract/component.ts'
import type { ProgramContext, ProgramOutputs } from '../../engines/contract/engine.ts'
import type { GuardRails } from '../../engines/contract/watch.ts'
import type { Program } from '../../stacks/driver/run-stack.ts'
import type { Order } from '../contract/truth.ts'
import { type Carriage, Refused } from './carriage.ts'

/** The inline program of a workspace: its components, or the walls of the cloud account itself. */
export function programOf(carriage: Carriage): Program {
  return carriage.order.kind === 'secure' ? guardRailsOf(carriage) : componentsOf(carriage)
}

/** Each component's carrier, its outputs under the component's name. */
function componentsOf(carriage: Carriage): Program {
  return async () => {
    const { birth, order, built, surroundings } = carriage
    const outputs: Record<string, ProgramOutputs> = {}
    // What others use is there before them.
    const { components: given } = order.manifest
    const components = [...given.filter((one) => !isBuilt(one)), ...given.filter(isBuilt)]
    const together = { components, shared: new Map<string, unknown>() }
    for (const component of components) {
      const program = birth.engine.programs[component.kind]
      const artifact = isBuilt(component) ? built.get(component.name)?.artifact : NOTHING
      if (program === undefined || artifact === undefined) {
        throw new PipiError('platform.internal', `component "${component.name}" was not built before it was declared`)
      }
      const uses = usedBy(component, outputs)
      outputs[component.name] = program.declare({
        workspace: order.workspace,
        component,
        artifact,
        region: order.region,
        slug: slugOf(order.workspace, component.name),
        environment: { ...component.env, ...secretsOf(order, component), ...addresses(uses) },
        uses,
        together,
        ...(surroundings === undefined ? {} : { surroundings }),
      })
    }
    return outputs
  }
}

/** What a component names of its workspace's secrets, marked so that neither state nor story ever holds it in clear. */
function secretsOf({ secrets = {} }: Order, component: Component): ProgramContext['environment'] {
  const named = isRunning(component) ? component.secrets : []
  return Object.fromEntries(
    named.flatMap((name) => (secrets[name] === undefined ? [] : [[name, secret(secrets[name])]])),
  )
}

const NOTHING = { travels: 'nothing' } as const

function usedBy(component: Component, outputs: Record<string, ProgramOutputs>): Record<string, ProgramOutputs> {
  const uses = isRunning(component) ? component.uses : []
  return Object.fromEntries(Object.entries(outputs).filter(([name]) => uses.includes(name)))
}

function addresses(uses: Record<string, ProgramOutputs>): ProgramContext['environment'] {
  return Object.fromEntries(
    Object.entries(uses).map(([name, { url }]) => [usedEnvironment(name), output(url).apply((known) => known ?? '')]),
  )
}

function guardRailsOf({ birth: { engine }, order: { cloudAccount, region, manifest } }: Carriage): Program {
  const guardRails = requireGuardRails(engine)
  const limits = Object.fromEntries(
    metersOf(engine.facts, cloudAccount.plan).flatMap(({ id, limit }) => (limit === 'host' ? [] : [[id, limit]])),
  )
  const owner = manifest.users.find((user) => user.role === 'owner')
  const email = owner === undefined ? {} : { email: owner.email }
  return async () =>
    guardRails.declare({ account: cloudAccount, region, regions: engine.dna.regions, limits, ...email })
}

function requireGuardRails({ dna, guardRails, noGuardRails }: Carriage['birth']['engine']): GuardRails {
  if (guardRails !== undefined) return guardRails
  throw new Refused({
    code: 'lock.no-carrier',
    message: `${dna.name} has no guard rails of its own that could be set: ${noGuardRails ?? 'none are known'}`,
    hint: 'its accounts are guarded by the lock and the watch alone',
  })
}

/** For names at the platform: readable, unique per workspace and component, at most 32 characters. */
export function slugOf(workspace: { id: string; name: string }, component: string): string {
  const hash = createHash('sha256').update(`${workspace.id}/${component}`).digest('hex').slice(0, 6)
  return `${cut(workspace.name, 14)}-${cut(component, 10)}-${hash}`
}

function cut(name: string, length: number): string {
  return name.slice(0, length).replace(/-+$/, '')
}
