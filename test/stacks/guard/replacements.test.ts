import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { tempFolder } from '../../helpers/temp.ts'
import { type GuardedStack, guardedStack, type RunOptions, Thing } from '../driver/guarded-stack.ts'

const ignore = (_: unknown) => undefined

describe('a replacement', () => {
  let stack: GuardedStack
  beforeEach(async () => {
    stack = await guardedStack(await tempFolder())
    expect(await run({ name: 'a', region: 'eu' })).toMatchObject({ ok: true, calls: ['create'] })
  })
  afterEach(() => stack.close())

  const run = (inputs: Record<string, unknown>, options: RunOptions = {}) =>
    stack.run('up', async () => ignore(new Thing('a', inputs)), options)
  const things = () => [...stack.cloud.stored.keys()].sort()
  const moved = { name: 'b', region: 'us' }

  it('makes the new one before the old one goes, where both are reserved', async () => {
    expect(await run(moved)).toMatchObject({ ok: true, calls: ['create', 'delete'] })
    expect(things()).toEqual(['thing-2'])
    expect(await run(moved)).toMatchObject({ ok: true, calls: [] })
  })

  it('deletes first where only one fits', async () => {
    expect(await run(moved, { roomForTwo: false })).toMatchObject({ ok: true, calls: ['delete', 'create'] })
    expect(things()).toEqual(['thing-2'])
  })

  it.each([
    ['both would go by the same name', { name: 'a', region: 'us' }],
    ['the platform takes no second one', { name: 'b', region: 'us', exclusive: true }],
  ])('deletes first where %s', async (_why, inputs) => {
    expect(await run(inputs)).toMatchObject({ ok: true, calls: ['delete', 'create'] })
  })

  it.each([true, false])('goes by the grant, whatever the program wishes (deleteBeforeReplace: %s)', async (wish) => {
    const program = (inputs: Record<string, unknown>) => async () =>
      ignore(new Thing('a', inputs, { deleteBeforeReplace: wish }))
    expect(await stack.run('up', program(moved))).toMatchObject({ calls: ['create', 'delete'] })
    const back = { name: 'a', region: 'eu' }
    expect(await stack.run('up', program(back), { roomForTwo: false })).toMatchObject({ calls: ['delete', 'create'] })
  })

  it('that the plan could not foresee takes no more than one place', async () => {
    const planned = async () => ignore(new Thing('a', { name: 'a', region: 'eu', note: 'changed' }))
    expect(await run(moved, { planned })).toMatchObject({ ok: true, calls: ['delete', 'create'] })
  })

  it('of what holds data is refused before anything is made, side by side as well', async () => {
    const result = await run(moved, { rule: { stateful: true } })
    expect(result.refusals).toMatchObject([{ code: 'guard.data-not-named' }])
    expect(result.calls).toEqual([])
  })

  it('whose old one could not be deleted is ended by the next run, whatever that one is about', async () => {
    stack.cloud.broken.add('delete')
    expect(await run(moved)).toMatchObject({ ok: false, calls: expect.arrayContaining(['create', 'delete']) })
    expect(things()).toEqual(['thing-1', 'thing-2'])
    stack.cloud.broken.clear()
    expect(await run(moved)).toMatchObject({ ok: true, refusals: [], calls: ['delete'] })
    expect(things()).toEqual(['thing-2'])
  })

  it('that failed to make the new one leaves the old one', async () => {
    stack.cloud.broken.add('create')
    expect(await run(moved)).toMatchObject({ ok: false, calls: ['create'] })
    expect(things()).toEqual(['thing-1'])
  })

  it('cut in two after the delete is made good, also when the program wants the old one back', async () => {
    const file = join(stack.folder, 'state', `.pulumi/stacks/proj/${stack.name}.json`)
    const document = JSON.parse(await readFile(file, 'utf8'))
    const old = document.checkpoint.latest.resources.find((each: { urn: string }) => each.urn.endsWith('::a'))
    old.pendingReplacement = true
    await writeFile(file, JSON.stringify(document))
    stack.cloud.stored.delete('thing-1')
    await stack.repair()
    const result = await run({ name: 'a', region: 'eu' }, { gone: new Map([[old.urn, 'thing-1']]) })
    expect(result).toMatchObject({ ok: true, refusals: [] })
    expect(things()).toEqual(['thing-2'])
    expect(await run({ name: 'a', region: 'eu' })).toMatchObject({ ok: true, calls: [] })
  })
})
