import { describe, expect, it } from 'vitest'
import type { Drift } from '../../../../factory/contract/truth.ts'
import { differences, type Sides } from '../../../../factory/stem-cell/drift/compare.ts'
import { mergeDrift } from '../../../../factory/stem-cell/drift/merge.ts'
import { Asset, Secret } from '../../../../stacks/wire/values.ts'

const sides = (inputs: Record<string, unknown>, outputs = inputs): Sides => ({ inputs, outputs })
const NOTHING = sides({})

describe('what differs at the platform', () => {
  it('is said property by property, with what it was and what it is', () => {
    const before = sides({ size: 'small', spec: { services: [{ count: 1 }, { count: 1 }] }, gone: true })
    const after = sides({ size: 'large', spec: { services: [{ count: 1 }, { count: 9 }] }, come: 1 })
    expect(differences(before, after, NOTHING)).toEqual([
      { path: 'size', was: '"small"', is: '"large"', declared: true },
      { path: 'spec.services[1].count', was: '1', is: '9', declared: true },
      { path: 'gone', was: 'true', declared: true },
      { path: 'come', is: '1', declared: true },
    ])
    expect(differences(before, before, NOTHING)).toEqual([])
  })

  it('tells what a program gave from what the platform fills in by itself', () => {
    const before = { inputs: { size: 'small' }, outputs: { size: 'small', seen: 'yesterday' } }
    const after = { inputs: { size: 'small' }, outputs: { size: 'large', seen: 'today' } }
    expect(differences(before, after, NOTHING)).toEqual([
      { path: 'size', was: '"small"', is: '"large"', declared: true },
      { path: 'seen', was: '"yesterday"', is: '"today"', declared: false },
    ])
  })

  it('compares an archive by its bytes, wherever its file lies', () => {
    const at = (path: string, hash: string) => sides({ code: new Asset('archive', { path, hash }) })
    expect(differences(at('/a', 'x'), at('/b', 'x'), NOTHING)).toEqual([])
    expect(differences(at('/a', 'x'), at('/a', 'y'), NOTHING)).toMatchObject([{ path: 'code', is: '"archive y"' }])
  })

  it.each([
    ['that was marked before', sides({ key: new Secret('canary-one') }), sides({ key: 'canary-two' }), NOTHING],
    ['that is marked now', sides({ key: 'canary-one' }), sides({ key: new Secret('canary-two') }), NOTHING],
    [
      'that the state alone marks',
      sides({ key: 'canary-one' }),
      sides({ key: 'canary-two' }),
      sides({ key: new Secret('…') }),
    ],
    ['inside of a map', sides({ env: { key: new Secret('canary-one') } }), sides({ env: 'canary-two' }), NOTHING],
    [
      'that another value repeats',
      sides({ key: new Secret('canary-one'), url: 'x' }),
      sides({ key: new Secret('canary-one'), url: 'http://canary-one@host' }),
      NOTHING,
    ],
  ])('never shows a secret %s', (_which, before, after, hidden) => {
    const found = differences(before, after, hidden)
    expect(found).toMatchObject([{ secret: true, declared: true }])
    expect(JSON.stringify(found)).not.toContain('canary')
  })
})

describe('what differs, looked at again', () => {
  const thing = (was: string | undefined, is: string, path = 'size'): Drift => ({
    ...{ urn: 'urn:thing', type: 'x:y:Z', id: 'i', what: 'changed' },
    properties: [{ path, ...(was === undefined ? {} : { was }), is, declared: true }],
  })

  it('stays what it was meant to be, since the state has taken over what an earlier look found', () => {
    const first = mergeDrift([], 'urn:thing', thing('1', '2'))
    expect(mergeDrift(first, 'urn:thing', undefined)).toEqual(first)
    expect(mergeDrift(first, 'urn:thing', thing('2', '3'))).toEqual([thing('1', '3')])
    expect(mergeDrift(first, 'urn:thing', thing('5', '6', 'other'))[0]?.properties).toHaveLength(2)
  })

  it('is no difference any more when it came back', () => {
    expect(mergeDrift(mergeDrift([], 'urn:thing', thing('1', '2')), 'urn:thing', thing('2', '1'))).toEqual([])
  })

  it('is gone for good once it is gone', () => {
    const gone: Drift = { urn: 'urn:thing', type: 'x:y:Z', id: 'i', what: 'gone', properties: [] }
    const after = mergeDrift(mergeDrift([], 'urn:thing', thing('1', '2')), 'urn:thing', gone)
    expect(mergeDrift(after, 'urn:other', undefined)).toEqual([gone])
  })
})
