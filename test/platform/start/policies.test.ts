import { describe, expect, it } from 'vitest'
import { policiesOf } from '../../../platform/start/policies.ts'

const scaling = { min: 1, max: 2, breedAfterMs: 2_000, drainAfterMs: 10_000 }

describe('the stock', () => {
  it('keeps a clone ready of an engine that carries something, and none of one that carries nothing', () => {
    const policyFor = policiesOf(scaling, [
      { code: 'abc', kinds: ['site'] },
      { code: 'xyz', kinds: [] },
    ])
    expect(policyFor('abc')).toEqual(scaling)
    expect(policyFor('xyz')).toEqual({ ...scaling, min: 0 })
  })
})
