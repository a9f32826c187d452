import { expect, it } from 'vitest'
import { pipi } from './helpers/pipi.ts'

/** Twenty of them take minutes: `./pipi drill race` runs them. */
const ROUNDS = 5

it('two deployments racing for the last free unit: exactly one wins each time, and the other is told who holds it', async () => {
  const ended = await pipi('drill', 'race', '--rounds', String(ROUNDS), '--json')
  expect(ended.json<object>(), ended.stderr).toMatchObject({
    name: 'race',
    injected: ROUNDS,
    lost: 0,
    doubled: 0,
    orphans: 0,
    leaked: 0,
    bill: 0,
    passed: true,
    found: { wrong: [] },
  })
  expect(ended.code).toBe(0)
})
