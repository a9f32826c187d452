import type { Amount } from '../../../catalog/demand.ts'
import { worstBound } from '../../../catalog/demand.ts'
import { PipiError } from '../../../catalog/errors.ts'
import type { GrantLine } from '../../../stacks/contract/grant.ts'
import { planProgram } from '../../../stacks/planner/plan-program.ts'
import type { PlannedResource } from '../../../stacks/planner/planned.ts'
import type { StackState } from '../../../stacks/state/read.ts'
import { isAtPlatform, nameOfUrn } from '../../../stacks/wire/urn.ts'
import { plain } from '../../../stacks/wire/values.ts'
import { type Carriage, projectOf, Refused, type Step } from '../carriage.ts'
import { programOf } from '../program.ts'
import { stateOf } from '../stack-of.ts'

/** The program's resources against what the stack holds: what would be made, changed, deleted, and what it takes. */
export const plan: Step = {
  name: 'plan',
  status: 'planning',
  kinds: ['deploy', 'preview', 'rollback', 'destroy', 'refresh', 'suspend', 'resume', 'secure'],
  async run(carriage) {
    const { birth, order, story } = carriage
    const state = await stateOf(carriage)
    carriage.state = state
    carriage.open = await birth.truth.intents(order).open()
    const wanted = order.kind === 'destroy' || order.kind === 'refresh' ? [] : await planned(carriage, state)
    const lines = order.kind === 'refresh' ? keptLines(state) : linesOf(carriage, state, wanted)
    carriage.grant = {
      deployment: order.deployment,
      workspace: order.workspace.id,
      token: order.token,
      lines,
      mayLoseData: order.deleteData,
    }
    for (const line of lines) {
      story.tell(`${line.operation} ${nameOfUrn(line.urn)} (${line.type})`, 'info', {
        urn: line.urn,
        type: line.type,
        operation: line.operation,
        status: 'planned',
        amounts: line.amounts,
      })
    }
  },
}

async function planned(carriage: Carriage, state: StackState): Promise<PlannedResource[]> {
  const known = new Map(
    state.resources.flatMap((each) =>
      each.id === undefined ? [] : [[each.urn, { id: each.id, outputs: plain(each.outputs) }] as const],
    ),
  )
  const all = await planProgram({
    project: projectOf(carriage.order.engine),
    stack: carriage.order.workspace.id,
    program: programOf(carriage),
    known,
  })
  return all.filter(isAtPlatform)
}

function linesOf(carriage: Carriage, state: StackState, wanted: PlannedResource[]): GrantLine[] {
  const held = new Set(state.resources.map((resource) => resource.urn))
  const lines: GrantLine[] = wanted.map((resource) => ({
    urn: resource.urn,
    type: resource.type,
    // Whether a change replaces is the provider's to say, later; then the guard asks again.
    operation: held.has(resource.urn) ? 'replace' : 'create',
    amounts: demandOf(carriage, resource),
  }))
  const kept = new Set(wanted.map((resource) => resource.urn))
  for (const resource of state.resources.filter(isAtPlatform)) {
    if (kept.has(resource.urn)) continue
    requireNamedLoss(carriage, resource.urn, resource.type)
    lines.push({ urn: resource.urn, type: resource.type, operation: 'delete', amounts: [] })
  }
  return lines
}

/** A refresh changes nothing at the platform, so nothing has to allow it: what is found is held (steps/settle.ts). */
function keptLines(state: StackState): GrantLine[] {
  return state.resources.filter(isAtPlatform).map((resource) => ({
    urn: resource.urn,
    type: resource.type,
    operation: 'update',
    amounts: [],
  }))
}

function demandOf(
  carriage: Carriage,
  resource: { urn: string; type: string; inputs: Record<string, unknown> },
): Amount[] {
  const rule = carriage.rules[resource.type]
  const name = nameOfUrn(resource.urn)
  if (rule === undefined) {
    throw new Refused({
      code: 'lock.unknown-type',
      resource: name,
      message: `nothing in the catalogue says what a ${resource.type} costs`,
      hint: 'use a type the catalogue knows, or have it added with its source',
    })
  }
  const answer = rule.demand(rule.safe(plain(resource.inputs)), resource.urn)
  if (!answer.ok) {
    throw new Refused({
      code: answer.code,
      resource: name,
      message: answer.message,
      hint: answer.hint,
      ...(answer.meter === undefined ? {} : { meter: answer.meter }),
    })
  }
  requireConsent(carriage, name, answer.demand.amounts)
  return answer.demand.amounts
}

/** What is only bounded by watching needs the owner's word; what nothing bounds is never granted. */
function requireConsent({ order }: Carriage, resource: string, amounts: Amount[]): void {
  const worst = worstBound(amounts)
  if (worst === 'proven' || (worst === 'watched' && order.cloudAccount.consentWatched)) return
  const meter = amounts.find((amount) => amount.bound === worst)
  throw new Refused({
    code: worst === 'unbounded' ? 'lock.unbounded' : 'lock.watched',
    resource,
    ...(meter === undefined ? {} : { meter: meter.meter, asked: meter.amount }),
    message: `${meter?.meter ?? 'a meter'} of ${resource} is ${worst === 'unbounded' ? 'bounded by nothing' : 'bounded only by watching its use'} (${meter?.because ?? ''})`,
    hint:
      worst === 'unbounded'
        ? 'nothing can make this safe here; choose another engine'
        : 'the owner of the cloud account may agree to watched meters',
  })
}

/** Users' data is not ours to lose. */
export function requireNamedLoss({ order, rules }: Carriage, urn: string, type: string): void {
  if (rules[type]?.stateful !== true || order.deleteData) return
  throw new Refused({
    code: 'guard.data-not-named',
    resource: nameOfUrn(urn),
    message: `${nameOfUrn(urn)} (${type}) holds data, and the request does not name its loss`,
    hint: 'repeat with --delete-data when the data may go',
  })
}

export function requireState(carriage: Carriage): StackState {
  if (carriage.state !== undefined) return carriage.state
  throw new PipiError('platform.internal', 'the stack was used before it was read')
}
