import { setTimeout as delay } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { PipiError } from '../../catalog/errors.ts'
import type { PlatformReader } from '../contract/find.ts'
import type { IntentLog, OpenIntent } from '../contract/intents.ts'
import type { GuardRule, GuardRules } from '../contract/rule.ts'
import type { Adoption } from '../guard/options.ts'
import { TAG } from '../guard/tag.ts'
import type { StackState } from '../state/read.ts'
import { plain } from '../wire/values.ts'

export interface ResolveOptions {
  open: OpenIntent[]
  state: StackState
  rules: GuardRules
  intents: IntentLog
  platform: PlatformReader
  /** Workspace id: what the tag of ours must carry. */
  workspace: string
  /** Milliseconds between two looks. */
  pauseMs?: number
  signal: AbortSignal
  tell(text: string): void
}

/**
 * What became of the operations that a dead holder had begun. Each create is looked up at the platform by the type's
 * look-up key: found, it is adopted by the next `up`; absent twice, the second time past the provider's own deadline,
 * it is cleared; until then nobody says "absent". Updates and deletes are simply done again.
 */
export async function resolveIntents(options: ResolveOptions): Promise<Map<string, Adoption>> {
  const adoptions = new Map<string, Adoption>()
  await Promise.all(
    options.open.map(async (intent) => {
      if (intent.operation === 'update' || intent.operation === 'delete') {
        await options.intents.end(intent.intent, {
          kind: 'failed',
          message: 'interrupted; it is done again by the next run',
        })
        return
      }
      const held = heldByState(options, intent)
      if (held !== undefined) {
        await options.intents.end(intent.intent, { kind: 'done', id: held })
        return
      }
      const adoption = await lookUntilSure(options, intent)
      if (adoption === undefined) await options.intents.end(intent.intent, { kind: 'absent' })
      else if (isHeld(options.state, intent.urn, adoption.id))
        await options.intents.end(intent.intent, { kind: 'done', id: adoption.id })
      else adoptions.set(intent.urn, adoption)
    }),
  )
  return adoptions
}

/** After the `up` with the adoptions: what the state now holds is ours again. */
export async function confirmAdoptions(
  adoptions: ReadonlyMap<string, Adoption>,
  open: OpenIntent[],
  state: StackState,
  intents: IntentLog,
): Promise<void> {
  for (const intent of open) {
    const adoption = adoptions.get(intent.urn)
    const held = state.resources.find((resource) => resource.urn === intent.urn && !resource.pendingDelete)
    if (adoption !== undefined && held?.id === adoption.id)
      await intents.end(intent.intent, { kind: 'adopted', id: adoption.id })
  }
}

/** An older self under the same URN is not what this intent made: its tag or its look-up key is another. */
function heldByState({ state, rules }: ResolveOptions, intent: OpenIntent): string | undefined {
  const held = state.resources.find(({ urn, pendingDelete, pendingReplacement }) => {
    return urn === intent.urn && !pendingDelete && !pendingReplacement
  })
  if (held?.id === undefined) return undefined
  const rule = rules[intent.type]
  const tagged = mapAt(held.inputs, rule?.tagProperty ?? null)[TAG.intent]
  if (typeof tagged === 'string') return tagged === intent.intent ? held.id : undefined
  if (rule === undefined || intent.lookup === undefined) return held.id
  return isDeepStrictEqual(asKept(rule.lookup(plain(held.inputs))), asKept(intent.lookup)) ? held.id : undefined
}

/** As it comes back from where intents are kept. */
function asKept(lookup: Record<string, unknown>): unknown {
  return JSON.parse(JSON.stringify(lookup))
}

function isHeld(state: StackState, urn: string, id: string): boolean {
  return state.resources.some((each) => each.urn === urn && each.id === id && !each.pendingReplacement)
}

async function lookUntilSure(options: ResolveOptions, intent: OpenIntent): Promise<Adoption | undefined> {
  const rule = options.rules[intent.type]
  if (rule === undefined) throw needsDecision(intent, 'no rule says how to look this type up')
  const begun = performance.now()
  let absentAfterDeadline = 0
  for (;;) {
    if (options.signal.aborted) throw new PipiError('conflict.state', 'stopped while asking the platform what exists')
    const due = intent.due || performance.now() - begun >= intent.dueInMs
    const found = await look(options, rule, intent)
    if (found !== undefined) {
      options.tell(`${intent.type} is at the platform as ${found.id}: adopted`)
      return found
    }
    if (due) absentAfterDeadline += 1
    if (absentAfterDeadline >= 2) {
      options.tell(`${intent.type} was never made: cleared`)
      return undefined
    }
    const left = Math.max(0, intent.dueInMs - (performance.now() - begun))
    await delay(Math.min(options.pauseMs ?? 500, Math.max(left, 100)))
  }
}

async function look(options: ResolveOptions, rule: GuardRule, intent: OpenIntent): Promise<Adoption | undefined> {
  const id = await rule.find(intent.lookup ?? {}, options.platform, options.workspace)
  if (id === undefined) return undefined
  const read = rule.tagProperty === null ? undefined : await options.platform.read(intent.type, id)
  const tags = mapAt(read?.properties, rule.tagProperty)
  const owner = tags[TAG.workspace]
  if (owner !== undefined && owner !== options.workspace)
    throw needsDecision(intent, `"${id}" carries the tag of another workspace`)
  return { id, intent: typeof tags[TAG.intent] === 'string' ? String(tags[TAG.intent]) : intent.intent }
}

function mapAt(from: Record<string, unknown> | undefined, property: string | null): Record<string, unknown> {
  const value = property === null ? undefined : from?.[property]
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function needsDecision(intent: OpenIntent, why: string): PipiError {
  return new PipiError(
    'recovery.needs-decision',
    `an interrupted create of ${intent.type} cannot be resolved: ${why}`,
    {
      hint: 'look at the platform for what the look-up key names, then destroy or deploy the workspace again',
      data: { urn: intent.urn, type: intent.type, lookup: intent.lookup ?? {} },
    },
  )
}
