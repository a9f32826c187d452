import { describe, expect, it } from 'vitest'
import { policiesOf } from '../../../platform/start/policies.ts'

const scaling = { min: 1, max: 2, breedAfterMs: 2_000, drainAfterMs: 10_000 }

describe('the stock', () => {
  it('keeps a clone ready of an engine that carries something and is let in, and none of any other', () => {
    const cloudAccount = { ok: true, id: '42', plan: 'free' } as const
    const policyFor = policiesOf(scaling, [
      { code: 'abc', kinds: ['site'], cloudAccount },
      { code: 'xyz', kinds: [], cloudAccount },
      { code: 'ccc', kinds: ['site'], cloudAccount: { ok: false, reason: 'not set: CCC_TOKEN', hint: 'set it' } },
    ])
    expect(policyFor('abc')).toEqual(scaling)
    expect(policyFor('xyz')).toEqual({ ...scaling, min: 0 })
    expect(policyFor('ccc')).toEqual({ ...scaling, min: 0 })
  })
})
