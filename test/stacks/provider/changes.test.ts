import { describe, expect, it } from 'vitest'
import { changedProperties } from '../../../stacks/provider/changes.ts'
import { Asset, Secret, UNKNOWN } from '../../../stacks/wire/values.ts'

describe('changed properties', () => {
  it('are those that differ, whatever the order of keys', () => {
    expect(changedProperties({ a: 1, b: { c: 1, d: [1, 2] } }, { b: { d: [1, 2], c: 1 }, a: 2, e: 0 })).toEqual([
      'a',
      'e',
    ])
    expect(changedProperties({ a: [1, 2] }, { a: [2, 1] })).toEqual(['a'])
    expect(changedProperties({ a: null }, {})).toEqual([])
  })

  it('are not those that only became secret, but those whose secret changed', () => {
    expect(changedProperties({ a: 'x', b: new Secret('x') }, { a: new Secret('x'), b: new Secret('y') })).toEqual(['b'])
  })

  it('are those not known yet, also deep inside', () => {
    expect(changedProperties({ a: 'x', b: { c: 1 } }, { a: UNKNOWN, b: { c: UNKNOWN } })).toEqual(['a', 'b'])
  })

  it('are assets with another hash, wherever they lie', () => {
    const old = new Asset('archive', { hash: 'one' })
    expect(changedProperties({ zip: old }, { zip: new Asset('archive', { hash: 'one', path: '/elsewhere' }) })).toEqual(
      [],
    )
    expect(changedProperties({ zip: old }, { zip: new Asset('archive', { hash: 'two', path: '/elsewhere' }) })).toEqual(
      ['zip'],
    )
    expect(changedProperties({ zip: old }, { zip: new Asset('asset', { hash: 'one' }) })).toEqual(['zip'])
  })
})
