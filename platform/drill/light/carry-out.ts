import type { Component } from '../../../engines/contract/component.ts'
import type { FinalStatus } from '../../../factory/contract/status.ts'
import type { Birth } from '../../../factory/contract/stem-cell.ts'
import type { Order, Refusal, Settlement } from '../../../factory/contract/truth.ts'
import { type Carriage, projectOf, Refused, requireState, type Step } from '../../../factory/stem-cell/carriage.ts'
import { configurationOf } from '../../../factory/stem-cell/configuration.ts'
import { guardRules } from '../../../factory/stem-cell/guard-rules.ts'
import { programOf } from '../../../factory/stem-cell/program.ts'
import { stateOf } from '../../../factory/stem-cell/stack-of.ts'
import { plan } from '../../../factory/stem-cell/steps/plan.ts'
import { reserve } from '../../../factory/stem-cell/steps/reserve.ts'
import { settle } from '../../../factory/stem-cell/steps/settle.ts'
import { Guard } from '../../../stacks/guard/guard.ts'
import type { Providers } from './providers.ts'
import { destroy, up } from './stack-run.ts'
import type { States } from './states.ts'

/** What the light engines of a drill stand on. */
export interface LightEngines {
  /** By cloud account: the engine that works for it, with its credentials. */
  births: ReadonlyMap<string, Birth>
  providers: Providers
  states: States
  /** What a component of an order is, once it was built: made beforehand, the same bytes for the same source. */
  artifactOf(order: Order, component: Component): Promise<NonNullable<ReturnType<Carriage['built']['get']>>>
}

export interface Ended {
  order: Order
  status: FinalStatus
  refusal?: Refusal
  error?: Settlement['error']
}

/**
 * A deployment's way through an engine without the Pulumi CLI: the lease, the stem cell's own plan, reserve and settle,
 * and between them the program in this process (stack-run.ts). No build, no request to what was made. Undefined: not to
 * be worked on.
 */
export async function carryOut(deployment: string, birth: Birth, engines: LightEngines): Promise<Ended | undefined> {
  const order = await birth.truth.take(deployment)
  if (order === null) return undefined
  const carriage = await begin(order, engines)
  const ended = await walk(carriage, engines)
  const settlement = await settle(carriage, ended)
  await birth.truth.settle(order, settlement)
  const project = projectOf(order.engine)
  if (engines.states.of(project, order.workspace.id).length === 0) engines.states.forget(project, order.workspace.id)
  const { status, refusal, error } = settlement
  return { order, status, ...(refusal === undefined ? {} : { refusal }), ...(error === undefined ? {} : { error }) }
}

async function walk(carriage: Carriage, engines: LightEngines): Promise<{ ok: true } | { ok: false; error: unknown }> {
  const { birth, order, story } = carriage
  try {
    for (const step of [plan, reserve, applyWith(engines)]) {
      await birth.truth.advance(order, step.status)
      story.phase = step.status
      await step.run(carriage)
    }
    return { ok: true }
  } catch (error) {
    return { ok: false, error }
  }
}

async function begin(order: Order, engines: LightEngines): Promise<Carriage> {
  const birth = engines.births.get(order.cloudAccount.id)
  if (birth === undefined) throw new Error(`no light engine works for cloud account ${order.cloudAccount.id}`)
  const { plan: terms } = order.cloudAccount
  const built: Carriage['built'] = new Map()
  if (order.kind !== 'destroy') {
    for (const each of order.manifest.components) built.set(each.name, await engines.artifactOf(order, each))
  }
  return {
    birth,
    order,
    signal: new AbortController().signal,
    story: { phase: 'assigned', tell: () => undefined, flush: async () => undefined },
    rules: guardRules(birth.engine, order.manifest, { plan: terms, region: order.region }, birth.deadlineCapMs),
    upstreams: birth.upstreams,
    credentials: birth.credentials ?? {},
    configuration: configurationOf(birth, { region: order.region, cloudAccount: order.cloudAccount.id }),
    folder: birth.folder,
    built,
    drift: [],
    noticed: [],
    kept: new Set(),
    condemned: [],
    gone: new Map(),
    replacements: new Map(),
    open: [],
    adoptions: new Map(),
  }
}

function applyWith({ providers, states }: LightEngines): Step {
  return {
    name: 'apply in process',
    status: 'applying',
    kinds: ['deploy', 'destroy', 'suspend', 'resume'],
    async run(carriage) {
      const { birth, order, grant } = carriage
      if (grant === undefined) throw new Error('nothing was planned')
      const project = projectOf(order.engine)
      const known = new Map(
        requireState(carriage).resources.flatMap(({ urn, id }) => (id === undefined ? [] : [[urn, new Set([id])]])),
      )
      const guard = new Guard({
        grant,
        rules: carriage.rules,
        intents: birth.truth.intents(order),
        known,
        adoptions: carriage.adoptions,
        readOnly: false,
      })
      const run = {
        project,
        stack: order.workspace.id,
        guard,
        providers,
        configuration: carriage.configuration,
        held: states.of(project, order.workspace.id),
      }
      carriage.result = { ok: true, changes: [], failures: [], refusals: guard.refusals }
      try {
        if (order.kind === 'destroy') await destroy(run)
        else await up(run, programOf(carriage))
      } catch (error) {
        const [refusal] = guard.refusals
        if (refusal !== undefined) throw new Refused({ ...refusal, resource: refusal.urn })
        throw error
      } finally {
        carriage.state = await stateOf(carriage)
        carriage.outputs = carriage.state.outputs
      }
    },
  }
}
