import { expect, it } from 'vitest'
import { pipi } from './helpers/pipi.ts'

interface Measured {
  name: string
  ours: { median: number; unit: string }
  theirs: { median: number }
  ratio: number
  runs: number
  parts: Measured[]
}

/** For the figure, not for a verdict: these machines are noisy. */
it('bench overhead measures a whole deployment beside the Automation API, warm and fresh, in one run', async () => {
  const ended = await pipi('bench', 'overhead', '--runs', '2', '--json')
  expect(ended.code, ended.stderr).toBe(0)
  const measured = ended.json<Measured>()
  expect(measured).toMatchObject({ name: 'overhead', runs: 2, ours: { unit: 'ms' } })
  expect(measured.parts.map((part) => part.ratio)).toEqual([measured.ratio, expect.any(Number)])
  for (const part of measured.parts) {
    expect(part.ratio).toBeCloseTo(part.ours.median / part.theirs.median, 2)
    console.log(`${part.name}: ratio ${part.ratio} (${part.ours.median} / ${part.theirs.median} ms)`)
  }
})

it('bench ledger measures reservations beside plain updates of single rows, on one server in one run', async () => {
  const small = ['--runs', '1', '--clients', '1,4', '--holdings', '100,400', '--json']
  const ended = await pipi('bench', 'ledger', ...small)
  expect(ended.code, ended.stderr).toBe(0)
  const measured = ended.json<Measured>()
  expect(measured).toMatchObject({ name: 'ledger', runs: 1, ours: { unit: '1/s' } })
  // One client, four on one meter, four spread, and the cost as holdings grow.
  expect(measured.parts.map((part) => part.ours.unit)).toEqual(['1/s', '1/s', '1/s', 'ms'])
  for (const part of measured.parts) {
    expect(part.ours.median).toBeGreaterThan(0)
    console.log(`${part.name}: ratio ${part.ratio} (${part.ours.median} / ${part.theirs.median} ${part.ours.unit})`)
  }
})
