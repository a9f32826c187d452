import { expect, it } from 'vitest'
import type { PipiError } from '../../../catalog/errors.ts'
import type { PlatformReader } from '../../../stacks/contract/find.ts'
import type { OpenIntent, Outcome } from '../../../stacks/contract/intents.ts'
import type { GuardRule } from '../../../stacks/contract/rule.ts'
import { type ResolveOptions, resolveIntents } from '../../../stacks/recovery/resolve-intents.ts'
import type { StackState } from '../../../stacks/state/read.ts'

const URN = 'urn:pulumi:wone::proj::cloudy:index/thing:Thing::a'
const TYPE = 'cloudy:index/thing:Thing'
const EMPTY: StackState = { exists: true, locked: false, resources: [], pending: [], outputs: {} }

function intent(more: Partial<OpenIntent> = {}): OpenIntent {
  return {
    intent: 'i1',
    token: 1,
    urn: URN,
    type: TYPE,
    operation: 'create',
    lookup: { name: 'a' },
    deadlineMs: 1000,
    due: false,
    dueInMs: 60_000,
    ...more,
  }
}

/** A platform where "a" appears after a number of looks. */
function setUp(
  open: OpenIntent[],
  options: { appearsAfter?: number; tags?: Record<string, string>; state?: StackState } = {},
) {
  const ends: [string, Outcome][] = []
  let looks = 0
  const rule: GuardRule = {
    safe: (inputs) => inputs,
    suspended: (inputs) => inputs,
    demand: () => ({ ok: true, demand: { amounts: [] } }),
    tagProperty: 'tags',
    lookup: (inputs) => inputs,
    find: async () => {
      looks += 1
      return looks > (options.appearsAfter ?? Number.POSITIVE_INFINITY) ? 'thing-1' : undefined
    },
    stateful: false,
    deadlineMs: 1000,
  }
  const platform: PlatformReader = {
    read: async (_type, id) => ({
      id,
      properties: { tags: { 'pipi-workspace': 'wone', 'pipi-intent': 'i1', ...options.tags } },
    }),
    invoke: async () => ({}),
    get: async () => undefined,
  }
  const resolve: ResolveOptions = {
    open,
    state: options.state ?? EMPTY,
    rules: { [TYPE]: rule },
    intents: {
      begin: async () => '',
      end: async (id, outcome) => void ends.push([id, outcome]),
      open: async () => open,
      reopen: async () => undefined,
    },
    platform,
    workspace: 'wone',
    pauseMs: 1,
    signal: new AbortController().signal,
    tell: () => undefined,
  }
  return { resolve, ends, looks: () => looks }
}

it('adopts what is there, and leaves the intent open until the state holds it', async () => {
  const { resolve, ends } = setUp([intent()], { appearsAfter: 0 })
  expect([...(await resolveIntents(resolve))]).toEqual([[URN, { id: 'thing-1', intent: 'i1' }]])
  expect(ends).toEqual([])
})

it('waits for a create that outlives its caller', async () => {
  const { resolve } = setUp([intent()], { appearsAfter: 5 })
  expect((await resolveIntents(resolve)).get(URN)?.id).toBe('thing-1')
})

it('says absent only past the deadline, and only after looking twice', async () => {
  const { resolve, ends, looks } = setUp([intent({ due: true, dueInMs: -5 })])
  expect((await resolveIntents(resolve)).size).toBe(0)
  expect(looks()).toBe(2)
  expect(ends).toEqual([['i1', { kind: 'absent' }]])
})

it('does not look for what the state holds already', async () => {
  const resource = {
    urn: URN,
    type: TYPE,
    custom: true,
    id: 'thing-9',
    inputs: { tags: { 'pipi-intent': 'i1' } },
    outputs: {},
    pendingDelete: false,
    pendingReplacement: false,
    needs: [],
  }
  const { resolve, ends, looks } = setUp([intent()], { state: { ...EMPTY, resources: [resource] } })
  await resolveIntents(resolve)
  expect([looks(), ends]).toEqual([0, [['i1', { kind: 'done', id: 'thing-9' }]]])
})

it('does not take an older self of the same URN for what this intent made', async () => {
  const older = {
    urn: URN,
    type: TYPE,
    custom: true,
    id: 'thing-0',
    inputs: { tags: { 'pipi-intent': 'i0' } },
    outputs: {},
    pendingDelete: false,
    pendingReplacement: false,
    needs: [],
  }
  const { resolve } = setUp([intent()], { appearsAfter: 0, state: { ...EMPTY, resources: [older] } })
  expect((await resolveIntents(resolve)).get(URN)?.id).toBe('thing-1')
})

it('has updates and deletes done again', async () => {
  const { resolve, ends } = setUp([
    intent({ operation: 'delete', id: 'thing-1' }),
    intent({ intent: 'i2', operation: 'update', id: 'thing-1' }),
  ])
  await resolveIntents(resolve)
  expect(ends.map(([id, outcome]) => [id, outcome.kind])).toEqual([
    ['i1', 'failed'],
    ['i2', 'failed'],
  ])
})

it('never adopts what carries the tag of another workspace', async () => {
  const { resolve } = setUp([intent()], { appearsAfter: 0, tags: { 'pipi-workspace': 'wother' } })
  await expect(resolveIntents(resolve)).rejects.toMatchObject({
    code: 'recovery.needs-decision',
  } satisfies Partial<PipiError>)
})
