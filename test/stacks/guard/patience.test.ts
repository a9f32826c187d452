import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { tempFolder } from '../../helpers/temp.ts'
import { type GuardedStack, guardedStack, Thing } from '../driver/guarded-stack.ts'

describe('a provider that never answers', () => {
  let stack: GuardedStack
  beforeEach(async () => {
    stack = await guardedStack(await tempFolder())
  })
  afterEach(() => stack.close())

  it.each(['check', 'diff', 'create'])(
    'a %s ends the run by itself, and says what it waited for',
    async (operation) => {
      const program = (count: number) => async () => {
        new Thing('a', { name: 'a', count })
        return undefined
      }
      if (operation !== 'create') await stack.run('up', program(1))
      // The plan is made before the provider falls silent.
      const planned = stack.run('up', program(2), { onPlanned: () => void stack.cloud.hanging.add(operation) })
      const result = await planned
      expect(result.ok).toBe(false)
      expect(result.failures.map(({ message }) => message).join('\n')).toMatch(
        /DEADLINE_EXCEEDED|DeadlineExceeded|deadline/i,
      )
      expect(result.calls).not.toContain('delete')
      // What may have happened is asked about, and never taken for undone.
      if (operation === 'create') expect(stack.journal).toEqual(['begin create a'])
    },
  )
})
