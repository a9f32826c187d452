import type { Amount } from '../../../catalog/demand.ts'
import type { GrantLine } from '../../../stacks/contract/grant.ts'
import type { StackState, StateResource } from '../../../stacks/state/read.ts'
import { isAtPlatform, nameOfUrn } from '../../../stacks/wire/urn.ts'
import { plain, withoutSecrets } from '../../../stacks/wire/values.ts'
import { type Carriage, onlyLooks, type Step, standsStill } from '../carriage.ts'
import { requireArmed, tellStaleFacts } from '../plan/account.ts'
import { type Change, foreseeChanges } from '../plan/changes.ts'
import { demandOf } from '../plan/demand-of.ts'
import { keptOf } from '../plan/kept.ts'
import { requireNamedLoss } from '../plan/named-loss.ts'
import { lookRound } from '../plan/surroundings.ts'
import { billingOf, dollarsOf, sumOf, worstOf } from '../plan/worst-spend.ts'
import { stateOf } from '../stack-of.ts'

/** The program's resources against what the stack holds: what would be made, changed, deleted, and what it takes. */
export const plan: Step = {
  name: 'plan',
  status: 'planning',
  kinds: ['deploy', 'preview', 'rollback', 'destroy', 'refresh', 'suspend', 'resume', 'secure'],
  async run(carriage) {
    const { birth, order } = carriage
    requireArmed(carriage)
    const state = await stateOf(carriage)
    carriage.state = state
    if (!onlyLooks(carriage)) await lookRound(carriage, state)
    carriage.open = await birth.truth.intents(order).open()
    carriage.grant = {
      deployment: order.deployment,
      workspace: order.workspace.id,
      token: order.token,
      lines: onlyLooks(carriage) ? keptLines(state) : await linesOf(carriage, state),
      mayLoseData: order.deleteData,
      ...(standsStill(carriage) ? { suspended: true } : {}),
    }
  },
}

async function linesOf(carriage: Carriage, state: StackState): Promise<GrantLine[]> {
  const changes = carriage.order.kind === 'destroy' ? [] : await wantedChanges(carriage, state)
  const lines = changes.map((change) => lineOf(carriage, change))
  const kept = new Set(lines.map(({ urn }) => urn))
  carriage.kept = keptOf(carriage, state)
  tellKept(carriage, state)
  for (const resource of state.resources.filter(isAtPlatform)) {
    const { urn, type, pendingDelete } = resource
    if (carriage.kept.has(urn) || (kept.has(urn) && !pendingDelete)) continue
    condemn(carriage, resource)
    requireNamedLoss(carriage, urn, type)
    tellLine(carriage, { urn, type, operation: 'delete', amounts: [] })
    if (!kept.has(urn)) lines.push({ urn, type, operation: 'delete', amounts: [] })
    kept.add(urn)
  }
  return lines
}

/** A destroy asks for it afterwards: by what it went by at the platform, of which nothing is secret. */
function condemn({ order, rules, condemned }: Carriage, { urn, type, id, inputs }: StateResource): void {
  const rule = rules[type]
  if (order.kind !== 'destroy' || rule === undefined || id === undefined) return
  condemned.push({ urn, type, id, lookup: rule.lookup(plain(withoutSecrets(inputs))) })
}

function tellKept({ kept, story }: Carriage, state: StackState): void {
  for (const { urn, type } of state.resources.filter((each) => isAtPlatform(each) && kept.has(each.urn)))
    story.tell(`${nameOfUrn(urn)} (${type}) stays: it holds data, or is needed by what does`, 'warn', {
      urn,
      type,
      operation: 'same',
      status: 'kept',
    })
}

async function wantedChanges(carriage: Carriage, state: StackState): Promise<(Change & { amounts: Amount[] })[]> {
  const { birth, order, rules } = carriage
  const billing = billingOf(birth.engine.facts, order.cloudAccount.plan)
  tellStaleFacts(carriage)
  const demands = new Map<string, Amount[]>()
  // What is refused is refused before the provider is asked anything.
  const changes = await foreseeChanges(carriage, state, (resource) => {
    demands.set(resource.urn, demandOf(carriage, billing, resource))
  })
  carriage.worst = [...demands].flatMap(([urn, amounts]) =>
    amounts.flatMap((amount) => {
      const spend = worstOf(billing, amount)
      return spend === undefined ? [] : [{ resource: nameOfUrn(urn), ...spend }]
    }),
  )
  for (const { resource, foreseen } of changes) {
    if (foreseen.operation === 'replace' && rules[resource.type]?.stateful === true)
      requireNamedLoss(carriage, resource.urn, resource.type)
  }
  tellWorst(carriage)
  return changes.map((change) => ({ ...change, amounts: demands.get(change.resource.urn) ?? [] }))
}

function lineOf(carriage: Carriage, { resource, foreseen, amounts }: Change & { amounts: Amount[] }): GrantLine {
  const { urn, type } = resource
  const { operation } = foreseen
  if (foreseen.operation === 'replace')
    carriage.replacements.set(urn, foreseen.deleteFirst === undefined ? {} : { deleteFirst: foreseen.deleteFirst })
  const line: GrantLine = {
    urn,
    type,
    operation: operation === 'same' ? 'update' : operation,
    amounts,
    ...(foreseen.operation === 'replace' && foreseen.deleteFirst === undefined ? { sideBySide: true } : {}),
  }
  tellLine(carriage, line, operation)
  return line
}

function tellLine({ story, replacements }: Carriage, line: GrantLine, operation: string = line.operation): void {
  const because = replacements.get(line.urn)?.deleteFirst
  const how = operation === 'replace' && because !== undefined ? `: delete first, since ${because}` : ''
  story.tell(`${operation} ${nameOfUrn(line.urn)} (${line.type})${how}`, 'info', {
    urn: line.urn,
    type: line.type,
    operation,
    status: 'planned',
    amounts: line.amounts,
    ...(line.sideBySide === undefined ? {} : { sideBySide: line.sideBySide }),
  })
}

/** What is only bounded by watching: how late it is seen, and what it may cost until then. */
function tellWorst({ story, worst = [] }: Carriage): void {
  for (const spend of worst) {
    const { says, ...figures } = spend
    story.tell(`${spend.resource} ${spend.meter} is watched: ${says}`, 'info', { worst: figures })
  }
  if (worst.length === 0) return
  const usd = sumOf(worst)
  story.tell(
    usd === undefined
      ? 'what the watched meters may cost before they are seen is not known in numbers'
      : `the watched meters cost at most ${dollarsOf(usd)} together before they are seen`,
    'info',
    { worst: usd === undefined ? {} : { usd } },
  )
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
