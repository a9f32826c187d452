import { expect, it } from 'vitest'
import { pipi } from './helpers/pipi.ts'

interface Quarter {
  lives: { asked: number; lived: number; changed: number; destroyed: number; expired: number }
  real: { ended: Record<string, number> }
  looks: number
  platforms: { engine: string; ratio: number }[]
  refusals: Record<string, number>
}

/** A small one; the whole quarter is `./pipi drill quarter`. */
it('a simulated month and more: not a cent at any hour, and what is granted is near the best that was possible', async () => {
  const ended = await pipi('drill', 'quarter', '--lives', '400', '--real', '6', '--days', '10', '--json')
  const quarter = ended.json<Quarter>()
  expect(quarter, ended.stderr).toMatchObject({ lost: 0, doubled: 0, orphans: 0, leaked: 0, bill: 0, passed: true })
  expect(ended.code).toBe(0)
  // Of a witness that looks every hour, on both sides.
  expect(quarter.looks).toBeGreaterThanOrEqual(2 * 10 * 24)
  expect(quarter.lives).toMatchObject({ asked: 400 })
  expect(quarter.lives.lived).toBeGreaterThan(150)
  for (const count of [quarter.lives.changed, quarter.lives.destroyed, quarter.lives.expired])
    expect(count).toBeGreaterThan(0)
  expect(Object.values(quarter.real.ended).reduce((sum, one) => sum + one, 0)).toBe(6)
  // More was asked than fits: a lock that never refuses anything would not have been tried.
  expect(Object.keys(quarter.refusals).some((reason) => reason.startsWith('lock.over-limit'))).toBe(true)
  for (const { ratio } of quarter.platforms) expect(ratio).toBeGreaterThanOrEqual(0.9)
})

it('drill ls names what there is, and an unknown one is told so', async () => {
  const listed = await pipi('drill', 'ls', '--json')
  expect(listed.json<{ items: string[] }>().items.sort()).toEqual(['quarter', 'race'])
  const unknown = await pipi('drill', 'earthquake')
  expect(unknown.code).toBe(4)
  expect(unknown.stderr).toContain('There are: quarter, race')
})
