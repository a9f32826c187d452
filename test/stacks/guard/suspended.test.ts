import * as pulumi from '@pulumi/pulumi'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Secret } from '../../../stacks/wire/values.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { type GuardedStack, guardedStack, Thing } from '../driver/guarded-stack.ts'

let stack: GuardedStack
beforeEach(async () => {
  stack = await guardedStack(await tempFolder())
})
afterEach(() => stack.close())

const program = async () => {
  new Thing('a', { name: 'a', count: 2, password: pulumi.secret('canary'), env: { TOKEN: pulumi.secret('canary') } })
  return undefined
}
const stored = () => stack.cloud.stored.get('thing-1')?.inputs

it('what runs is made to stand still, keeps its secrets secret, and comes back as it was', async () => {
  await stack.run('up', program)
  const before = stored()
  expect(await stack.run('up', program, { suspended: true })).toMatchObject({ ok: true, calls: ['update'] })
  expect(stored()).toEqual({ ...before, count: 0 })
  const held = JSON.stringify(await stack.state(), (_key, value) => value ?? null)
  expect(held).not.toContain('canary')
  expect((await stack.state()).resources.find((each) => each.id === 'thing-1')?.inputs.password).toBeInstanceOf(Secret)
  expect(await stack.run('up', program, { suspended: true })).toMatchObject({ ok: true, calls: [] })
  expect(await stack.run('up', program)).toMatchObject({ ok: true, calls: ['update'] })
  expect(stored()).toEqual(before)
})
