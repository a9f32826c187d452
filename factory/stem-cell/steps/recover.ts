import { repairStack } from '../../../stacks/driver/repair-stack.ts'
import type { OpenPlatformReader } from '../../../stacks/recovery/platform-reader.ts'
import { resolveIntents } from '../../../stacks/recovery/resolve-intents.ts'
import type { StackState } from '../../../stacks/state/read.ts'
import { type Carriage, requireState } from '../carriage.ts'
import { requireNamedLoss } from '../plan/named-loss.ts'
import { platformOf } from '../platform-of.ts'
import { stateOf, workspaceRun } from '../stack-of.ts'

/**
 * When an earlier holder died in the middle: its processes, its lock and its pending operations go, and what it had
 * begun to create is found at the platform and adopted, or proven absent. Does nothing on the ordinary way.
 */
export async function recover(carriage: Carriage): Promise<void> {
  const { birth, order, story } = carriage
  const state = requireState(carriage)
  if (carriage.open.length === 0 && !state.locked && state.pending.length === 0 && order.attempt <= 1) return
  await reopenUnheard(carriage, state)
  const repaired = await repairStack(workspaceRun(carriage, state))
  if (repaired.ended.length > 0 || repaired.cleared > 0 || carriage.open.length > 0) {
    story.tell(
      `taking over: ${repaired.ended.length} processes ended, ${repaired.cleared} unfinished operations struck, ${carriage.open.length} to look up`,
      'warn',
    )
  }
  for (const { urn, id, pendingReplacement } of state.resources) {
    if (pendingReplacement && id !== undefined) carriage.gone.set(urn, id)
  }
  carriage.state = await stateOf(carriage)
  const platform = platformOf(carriage)
  try {
    carriage.adoptions = await resolveIntents({
      open: carriage.open,
      // As it was before the repair, which takes what was half replaced for alive.
      state,
      rules: carriage.rules,
      intents: birth.truth.intents(order),
      platform,
      workspace: order.workspace.id,
      signal: carriage.signal,
      tell: (text) => story.tell(text, 'warn'),
    })
    if (order.kind === 'destroy') await removeFound(carriage, platform)
  } finally {
    platform.close()
  }
}

/**
 * A create that the state still calls unfinished may have ended well: its CLI died between the outcome and the state.
 * Done before the repair, which strikes what the state says.
 */
async function reopenUnheard(carriage: Carriage, state: StackState): Promise<void> {
  const open = new Set(carriage.open.map((intent) => intent.urn))
  const unheard = state.pending.filter(({ operation, urn }) => operation === 'creating' && !open.has(urn))
  if (unheard.length === 0) return
  const intents = carriage.birth.truth.intents(carriage.order)
  await intents.reopen(unheard.map(({ urn }) => urn))
  carriage.open = await intents.open()
}

/** A destroy does not adopt what a crash left: it goes, the last made first. */
async function removeFound(carriage: Carriage, platform: OpenPlatformReader): Promise<void> {
  const intents = carriage.birth.truth.intents(carriage.order)
  for (const intent of carriage.open.toReversed()) {
    const found = carriage.adoptions.get(intent.urn)
    if (found === undefined) continue
    requireNamedLoss(carriage, intent.urn, intent.type)
    const { urn, type } = intent
    const deadlineMs = carriage.rules[type]?.deadlineMs ?? intent.deadlineMs
    // As at the guard: nothing is done under a lease that is lost.
    const removal = await intents.begin({ urn, type, operation: 'delete', id: found.id, deadlineMs })
    await platform.remove(urn, type, found.id)
    await intents.end(removal, { kind: 'done', id: found.id })
    await intents.end(intent.intent, { kind: 'absent' })
    carriage.story.tell(`${intent.type} ${found.id}, left by an interrupted deployment, is deleted`, 'warn')
  }
  carriage.adoptions = new Map()
}
