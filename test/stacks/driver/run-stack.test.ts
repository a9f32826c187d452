import { execFile } from 'node:child_process'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as pulumi from '@pulumi/pulumi'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UNKNOWN } from '../../../stacks/wire/values.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { type GuardedStack, guardedStack, Thing } from './guarded-stack.ts'

const run = promisify(execFile)
const ids = (stack: GuardedStack) => [...stack.cloud.stored.keys()].sort()

const two = async () => {
  const a = new Thing('a', { name: 'a', password: pulumi.secret('canary-password') })
  const b = new Thing('b', { name: 'b', peer: a.address })
  return { address: b.address }
}

describe('a stack run through the guard', () => {
  let stack: GuardedStack
  beforeEach(async () => {
    stack = await guardedStack(await tempFolder())
  })
  afterEach(() => stack.close())

  it('creates what was planned, with an intent before and an outcome after each', async () => {
    const result = await stack.run('up', two)
    expect(result.ok).toBe(true)
    expect(ids(stack)).toEqual(['thing-1', 'thing-2'])
    expect(stack.journal).toEqual(['begin create a', 'end done thing-1', 'begin create b', 'end done thing-2'])
    expect((await stack.state()).outputs).toMatchObject({ address: '10.0.0.2' })
  })

  it('fills in what keeps a resource free, tags it once, and changes nothing when run again', async () => {
    await stack.run('up', two)
    const stored = stack.cloud.stored.get('thing-1')?.inputs
    expect(stored).toMatchObject({
      size: 'tiny',
      tags: { 'pipi-workspace': stack.name, 'pipi-urn': expect.stringMatching(/^[0-9a-f]{16}$/) },
    })
    const again = await stack.run('up', two)
    expect(again).toMatchObject({ ok: true, changes: [], calls: [] })
    expect(stack.cloud.stored.get('thing-1')?.inputs).toEqual(stored)
  })

  it('keeps secrets out of the state, and credentials out of everything Pulumi writes', async () => {
    await stack.run('up', two)
    expect(stack.cloud.configured.at(-1)).toMatchObject({ token: 'canary-credential' })
    const found = await run('grep', ['-rl', 'canary', stack.folder]).catch(() => ({ stdout: '' }))
    expect(found.stdout).toBe('')
    // Its own log would be compressed or encrypted, so that nobody sees what is in it.
    expect(await readdir(join(stack.folder, 'pulumi-home'))).toContain('logs')
    expect((await stat(join(stack.folder, 'pulumi-home', 'logs'))).size).toBe(0)
  })

  it('replaces by deleting first, so that one place is enough', async () => {
    await stack.run('up', async () => void new Thing('a', { name: 'a', region: 'eu' }))
    const result = await stack.run('up', async () => void new Thing('a', { name: 'a', region: 'us' }))
    expect(result.ok).toBe(true)
    expect(result.calls).toEqual(['delete', 'create'])
    expect(ids(stack)).toEqual(['thing-2'])
  })

  it('never replaces or deletes what holds data unless the request names it', async () => {
    const stateful = { rule: { stateful: true } }
    await stack.run('up', async () => void new Thing('a', { name: 'a', region: 'eu' }), stateful)
    const replaced = await stack.run('up', async () => void new Thing('a', { name: 'a', region: 'us' }), stateful)
    expect(replaced.refusals).toMatchObject([{ code: 'guard.data-not-named' }])
    const destroyed = await stack.run('destroy', async () => ({}), stateful)
    expect(destroyed.refusals).toMatchObject([{ code: 'guard.data-not-named' }])
    expect(ids(stack)).toEqual(['thing-1'])
    const meant = await stack.run('destroy', async () => ({}), { ...stateful, mayLoseData: true })
    expect(meant.ok).toBe(true)
    expect(ids(stack)).toEqual([])
  })

  it.each([
    [
      'the program',
      async () => {
        new Thing('a', { name: 'a' })
        throw new Error('boom in the program')
      },
    ],
    [
      'an apply',
      async () => {
        new Thing('a', { name: 'a' }).address.apply(() => {
          throw new Error('boom in an apply')
        })
        return {}
      },
    ],
  ])('deletes nothing when %s throws with live resources present', async (_where, broken) => {
    await stack.run('up', two)
    const result = await stack.run('up', broken as () => Promise<Record<string, unknown>>, { planned: two })
    expect(result.ok).toBe(false)
    expect(result.calls).not.toContain('delete')
    expect(ids(stack)).toEqual(['thing-1', 'thing-2'])
  })

  it('deletes what no rule knows any more', async () => {
    await stack.run('up', async () => void new Thing('a', { name: 'a' }))
    const result = await stack.run('destroy', async () => ({}), { rule: null })
    expect(result).toMatchObject({ ok: true, refusals: [] })
    expect(ids(stack)).toEqual([])
  })

  it('changes nothing in a preview', async () => {
    await stack.run('up', async () => void new Thing('a', { name: 'a' }))
    const before = await stack.state()
    const result = await stack.run('preview', two)
    expect(result.ok).toBe(true)
    expect(result.changes.map((c) => c.operation)).toContain('create')
    expect(result.calls.every((call) => call.startsWith('preview'))).toBe(true)
    expect(await stack.state()).toEqual(before)
  })

  it('takes what was changed behind our back for what it is in a refresh, also where data is or the free limit is passed', async () => {
    const stateful = { rule: { stateful: true } }
    await stack.run('up', async () => void new Thing('a', { name: 'a', region: 'eu' }), stateful)
    const stored = stack.cloud.stored.get('thing-1')
    const drifted = { ...stored?.inputs, region: 'us', size: 'huge' }
    stack.cloud.stored.set('thing-1', { inputs: drifted, outputs: { ...stored?.outputs, ...drifted } })
    for (const _round of [1, 2]) {
      const result = await stack.run('refresh', async () => ({}), stateful)
      expect(result).toMatchObject({ ok: true, refusals: [] })
      expect(result.calls.every((call) => call === 'read')).toBe(true)
      expect((await stack.state()).resources.find((each) => each.id === 'thing-1')?.inputs).toMatchObject({
        size: 'huge',
      })
    }
  })

  it('adopts what a crash left instead of making it twice', async () => {
    await stack.run('up', two)
    const state = await stack.state()
    const b = state.resources.find((r) => r.urn.endsWith('::b'))
    // The state forgets b, as after a kill between the create and the state's write.
    await stack.run(
      'up',
      async () => {
        new Thing('a', { name: 'a', password: pulumi.secret('canary-password') })
        return {}
      },
      { rule: {} },
    )
    stack.cloud.stored.set('thing-2', { inputs: b?.inputs ?? {}, outputs: b?.outputs ?? {} })
    const urn = b?.urn ?? ''
    const intent = String((b?.inputs.tags as Record<string, string> | undefined)?.['pipi-intent'])
    const result = await stack.run('up', two, { adoptions: new Map([[urn, { id: 'thing-2', intent }]]) })
    expect(result.failures).toEqual([])
    expect(result.changes.map((c) => c.operation)).toContain('import')
    expect(ids(stack)).toEqual(['thing-1', 'thing-2'])
    expect((await stack.state()).resources.find((r) => r.urn === urn)?.id).toBe('thing-2')
  })

  it('adopts the new one when a crash came between the two halves of a replacement', async () => {
    await stack.run('up', async () => void new Thing('a', { name: 'a', region: 'eu' }))
    const file = join(stack.folder, 'state', `.pulumi/stacks/proj/${stack.name}.json`)
    const document = JSON.parse(await readFile(file, 'utf8'))
    const old = document.checkpoint.latest.resources.find((each: { urn: string }) => each.urn.endsWith('::a'))
    old.pendingReplacement = true
    await writeFile(file, JSON.stringify(document))
    const made = stack.cloud.stored.get('thing-1') ?? { inputs: {}, outputs: {} }
    stack.cloud.stored.delete('thing-1')
    const tags = { ...(made.inputs.tags as object), 'pipi-intent': 'the-new-one' }
    const now = { ...made.inputs, region: 'us', tags }
    stack.cloud.stored.set('thing-9', { inputs: now, outputs: { ...made.outputs, ...now } })
    const program = async () => void new Thing('a', { name: 'a', region: 'us' })
    const adoptions = new Map([[old.urn as string, { id: 'thing-9', intent: 'the-new-one' }]])
    await stack.repair()
    const result = await stack.run('up', program, { adoptions })
    expect(result.refusals).toEqual([])
    expect(result.failures).toEqual([])
    expect((await stack.state()).resources.filter((each) => each.urn === old.urn)).toMatchObject([{ id: 'thing-9' }])
    expect(ids(stack)).toEqual(['thing-9'])
    expect(await stack.run('up', program)).toMatchObject({ ok: true, changes: [] })
  })
})

it('the plan knows what a program wants before anything exists, with unknowns where a value is not there yet', async () => {
  const { planProgram } = await import('../../../stacks/planner/plan-program.ts')
  const plan = await planProgram({ project: 'proj', stack: 'wone', program: two })
  expect(plan.filter((p) => p.custom).map((p) => [p.name, p.inputs.peer])).toEqual([
    ['a', undefined],
    ['b', UNKNOWN],
  ])
})
