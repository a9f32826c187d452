import { PipiError } from '../../../catalog/errors.ts'
import { isAtPlatform, nameOfUrn } from '../../../stacks/wire/urn.ts'
import { plain } from '../../../stacks/wire/values.ts'
import type { FinalStatus } from '../../contract/status.ts'
import type { SettledResource, Settlement } from '../../contract/truth.ts'
import { type Carriage, Refused, standsStill } from '../carriage.ts'
import { foundBy } from '../drift/notice.ts'
import { stateOf } from '../stack-of.ts'

/**
 * The end of every way: what the state really holds replaces what was reserved, never an exit code, and the final state
 * is set. Where something is uncertain (an intent without an outcome) everything stays held.
 */
export async function settle(
  carriage: Carriage,
  ended: { ok: true } | { ok: false; error: unknown },
): Promise<Settlement> {
  const base = {
    ...(await holdings(carriage, ended.ok)),
    ...(carriage.commit === undefined ? {} : { commit: carriage.commit }),
    ...(carriage.outputs === undefined ? {} : { outputs: plain(outputsOf(carriage, carriage.outputs)) }),
    ...digestOf(carriage),
    ...driftOf(carriage),
  }
  if (ended.ok) return { ...base, status: 'succeeded' }
  const { error } = ended
  if (error instanceof Refused) return { ...base, status: 'refused', refusal: error.refusal }
  const reason: unknown = carriage.signal.aborted ? carriage.signal.reason : undefined
  const known = PipiError.from(error)
  return {
    ...base,
    status: reason === 'cancel' ? 'cancelled' : 'failed',
    error: {
      code: known.code,
      message: known.message,
      phase: carriage.story.phase,
      ...(known.hint === undefined ? {} : { hint: known.hint }),
      ...linesOf(known),
    },
  } satisfies Settlement & { status: FinalStatus }
}

/** Once a destroy has gone through, only what it left is there to be reached. */
function outputsOf({ order, kept }: Carriage, outputs: Record<string, unknown>): Record<string, unknown> {
  if (order.kind !== 'destroy') return outputs
  const names = [...kept].map(nameOfUrn)
  const stays = (component: string) => names.some((name) => name === component || name.startsWith(`${component}-`))
  return Object.fromEntries(Object.entries(outputs).filter(([component]) => stays(component)))
}

/** Null: nothing is known for sure, so nothing is released. A preview holds nothing of its own. */
async function holdings(carriage: Carriage, ok: boolean): Promise<Pick<Settlement, 'resources' | 'stateMissing'>> {
  const { birth, order } = carriage
  if (order.kind === 'preview') return { resources: null }
  const uncertain = (await birth.truth.intents(order).open()).length > 0
  if (uncertain) return { resources: null }
  const state = await stateOf(carriage)
  if (state.pending.length > 0) return { resources: null }
  // It came to nothing before anything was changed: what it would have taken is nobody's, what is held stays.
  const untouched = !ok && carriage.result === undefined && order.attempt === 1
  const resources: SettledResource[] = state.resources
    .filter((resource) => isAtPlatform(resource) && !resource.pendingReplacement)
    .map((resource) => {
      const rule = carriage.rules[resource.type]
      const answer = rule?.demand(plain(resource.inputs), resource.urn)
      const known = answer?.ok === true
      const amounts = untouched
        ? []
        : known
          ? answer.demand.amounts
          : (carriage.grant?.lines.find((line) => line.urn === resource.urn)?.amounts ?? [])
      // What stands still keeps its place for the way back.
      const keep = !known || !ok || standsStill(carriage)
      return { urn: resource.urn, type: resource.type, id: resource.id ?? '', amounts, keep }
    })
  return { resources, stateMissing: !state.exists }
}

function digestOf(carriage: Carriage): { artifactDigest?: string } {
  const digests = [...carriage.built.values()].map(({ built }) => built.digest)
  return digests.length === 0 ? {} : { artifactDigest: digests.join(',') }
}

function driftOf(carriage: Carriage): Pick<Settlement, 'drift'> {
  // Before the platform was asked nothing is known anew.
  if (carriage.order.kind !== 'refresh' || carriage.result === undefined) return {}
  return { drift: { found: foundBy(carriage), repaired: carriage.repaired === true } }
}

function linesOf(error: PipiError): { lines?: string[] } {
  const { lines } = error.data
  return Array.isArray(lines) ? { lines: lines.map(String).slice(-40) } : {}
}
