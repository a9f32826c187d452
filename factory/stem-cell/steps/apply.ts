import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'
import { runStack, type StackOperation, type StackResult } from '../../../stacks/driver/run-stack.ts'
import { Guard } from '../../../stacks/guard/guard.ts'
import { confirmAdoptions } from '../../../stacks/recovery/resolve-intents.ts'
import type { StackState, StateResource } from '../../../stacks/state/read.ts'
import { nameOfUrn } from '../../../stacks/wire/urn.ts'
import { type Carriage, Refused, requireState, type Step } from '../carriage.ts'
import { noticeDrift } from '../drift/notice.ts'
import { rememberLive } from '../live-artifacts.ts'
import { platformOf } from '../platform-of.ts'
import { programOf } from '../program.ts'
import { stateOf, workspaceRun } from '../stack-of.ts'
import { recover } from './recover.ts'

/** `up`, `destroy` or `refresh` through the guard, with the grant. */
export const apply: Step = {
  name: 'apply',
  status: 'applying',
  kinds: ['deploy', 'rollback', 'destroy', 'refresh', 'suspend', 'resume', 'secure'],
  async run(carriage) {
    await openedStack(carriage)
    await recover(carriage)
    await applyAll(carriage, OPERATIONS[carriage.order.kind] ?? 'up')
  },
}

/** One operation on all of the stack, repeated as long as an outcome is not known. Throws what became of it. */
export async function applyAll(carriage: Carriage, operation: StackOperation): Promise<void> {
  let result = await operate(carriage, operation)
  for (let round = 1; round <= MOST_ROUNDS && !result.ok && (await isUncertain(carriage)); round += 1) {
    carriage.story.tell('an outcome is not known: asking the platform before anything else is done', 'warn')
    await recover(carriage)
    result = await operate(carriage, operation)
  }
  judge(carriage)
  if (carriage.built.size > 0) await rememberLive(carriage)
}

/** Where it could not be made ahead, the run itself makes it and says why it cannot. */
async function openedStack(carriage: Carriage): Promise<void> {
  const opening = await carriage.opening
  if (opening?.opened === true) carriage.state = { ...requireState(carriage), exists: true, locked: false }
}

/** Each round adopts what the one before left uncertain; a platform that fails this often needs somebody to look. */
const MOST_ROUNDS = 5

/** A connection that broke in the middle of a create, or an error after it: it may have happened. */
async function isUncertain(carriage: Carriage): Promise<boolean> {
  if (carriage.signal.aborted) return false
  carriage.open = await carriage.birth.truth.intents(carriage.order).open()
  return carriage.open.length > 0 || requireState(carriage).pending.length > 0
}

const OPERATIONS: Partial<Record<Carriage['order']['kind'], StackOperation>> = {
  destroy: 'destroy',
  refresh: 'refresh',
}

/** One run of the Pulumi engine; afterwards the state is read again, whatever the run said. */
export async function operate(carriage: Carriage, operation: StackOperation): Promise<StackResult> {
  const { birth, order, story } = carriage
  const state = requireState(carriage)
  if (operation !== 'up' && !state.exists && operation !== 'preview') {
    carriage.result = { ok: true, changes: [], failures: [], refusals: [] }
    return carriage.result
  }
  const intents = birth.truth.intents(order)
  const platform = platformOf(carriage)
  const guard = new Guard({
    grant: requireGrant(carriage),
    rules: carriage.rules,
    intents,
    known: idsOf(state.resources),
    condemned: idsOf(state.resources.filter((each) => each.pendingDelete)),
    gone: carriage.gone,
    adoptions: carriage.adoptions,
    platform,
    readOnly: operation === 'preview' || operation === 'refresh',
    ...(operation === 'refresh' ? { onRead: noticeDrift(carriage) } : {}),
  })
  carriage.result = await runStack({
    ...workspaceRun(carriage, state),
    ...(operation === 'preview' && !state.exists ? { stateUrl: await passingState(carriage) } : {}),
    operation,
    ...(operation === 'destroy' && carriage.kept.size > 0 ? { targets: goingOf(carriage, state) } : {}),
    program: programOf(carriage),
    guard,
    upstreams: carriage.upstreams,
    configuration: carriage.configuration,
    onChange: (change) =>
      story.tell(
        `${change.operation} ${nameOfUrn(change.urn)}: ${change.status}`,
        change.status === 'failed' ? 'error' : 'info',
        { ...change },
      ),
  }).finally(() => platform.close())
  if (operation === 'preview') return carriage.result
  carriage.state = await stateOf(carriage)
  if (carriage.adoptions.size > 0) await confirmAdoptions(carriage.adoptions, carriage.open, carriage.state, intents)
  carriage.outputs = carriage.state.outputs
  return carriage.result
}

/** All but what a destroy leaves; the stack itself is nobody's to delete. */
function goingOf({ kept }: Carriage, state: StackState): string[] {
  const going = state.resources.filter(({ urn, type }) => !kept.has(urn) && type !== 'pulumi:pulumi:Stack')
  return [...new Set(going.map(({ urn }) => urn))]
}

/** A preview of what was never deployed must leave nothing either: its stack lives as long as it does. */
async function passingState(carriage: Carriage): Promise<string> {
  const folder = join(carriage.folder, 'state')
  await mkdir(folder, { recursive: true })
  return `file://${folder}`
}

const MEND = 'nothing that runs was deleted; what was made so far is kept and held; mend the cause and deploy again'

function judge(carriage: Carriage): void {
  const { result, signal } = carriage
  if (result === undefined || result.ok) return
  const refusal = result.refusals[0]
  if (refusal?.code === 'lease.lost') throw new PipiError('lease.lost', refusal.message)
  if (signal.aborted)
    throw new PipiError('conflict.state', 'stopped on request', {
      hint: 'what was made so far is in the state; deploy or destroy the workspace to go on',
    })
  if (refusal !== undefined) {
    throw new Refused({
      code: refusal.code,
      resource: nameOfUrn(refusal.urn),
      message: refusal.message,
      hint: refusal.hint,
      ...(refusal.meter === undefined ? {} : { meter: refusal.meter }),
      ...(refusal.limit === undefined ? {} : { limit: refusal.limit }),
      ...(refusal.asked === undefined ? {} : { asked: refusal.asked }),
    })
  }
  const [first] = result.failures
  throw new PipiError(
    'provider.failed',
    first === undefined
      ? 'the run failed'
      : `${first.urn === undefined ? '' : `${nameOfUrn(first.urn)}: `}${first.message}`,
    {
      hint: carriage.birth.engine.advises?.(first?.message ?? '') ?? MEND,
      data: { lines: result.failures.map((failure) => failure.message).slice(0, 20) },
    },
  )
}

function requireGrant(carriage: Carriage) {
  if (carriage.grant !== undefined) return carriage.grant
  throw new PipiError('platform.internal', 'nothing was planned')
}

function idsOf(resources: StateResource[]): Map<string, Set<string>> {
  const ids = new Map<string, Set<string>>()
  for (const { urn, id } of resources) {
    if (id !== undefined) ids.set(urn, (ids.get(urn) ?? new Set()).add(id))
  }
  return ids
}
