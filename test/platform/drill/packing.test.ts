import { describe, expect, it } from 'vitest'
import type { Amount } from '../../../catalog/demand.ts'
import { Packing } from '../../../platform/drill/quarter/packing.ts'

const of = (meter: string, amount: number): Amount[] => [{ meter, scope: '', amount, bound: 'proven', because: 'said' }]
const packing = () => new Packing('an-account', new Map([['things', 3]]))

describe('packing', () => {
  it('is whole when everything asked is granted, and when the limit is full', () => {
    const one = packing()
    one.asks(of('things', 2), 1)
    one.stands(of('things', 2), 1)
    one.hour()
    one.asks(of('things', 2), 1)
    one.stands(of('things', 1), 1)
    one.hour()
    expect(one.result()).toMatchObject([{ meter: 'things', best: 5, granted: 5, asked: 6, ratio: 1, peak: 3 }])
  })

  it('falls by each hour in which a place stays empty that somebody wanted', () => {
    const one = packing()
    one.asks(of('things', 4), 1)
    one.stands(of('things', 3), 1)
    one.hour()
    one.stands(of('things', 3), -1)
    one.hour()
    expect(one.result()).toMatchObject([{ best: 6, granted: 3, ratio: 0.5 }])
  })

  it('is no merit beyond the best: what stands past the limit counts as the limit', () => {
    const one = packing()
    one.asks(of('things', 9), 1)
    one.stands(of('things', 9), 1)
    one.hour()
    expect(one.result()).toMatchObject([{ best: 3, granted: 3, ratio: 1, peak: 9 }])
  })

  it('asks no more than what visitors have left', () => {
    const one = packing()
    one.asks(of('things', 3), 1)
    one.stands(of('things', 1), 1)
    one.hour(() => 2)
    expect(one.result()).toMatchObject([{ best: 1, granted: 1, ratio: 1 }])
  })

  it('asks no more than can come with what is left of the other meters', () => {
    const limits = new Map([
      ['things', 10],
      ['calls', 100],
    ])
    const one = new Packing('an-account', limits)
    one.asks([...of('things', 1), ...of('calls', 10)], 1)
    one.asks([...of('things', 4), ...of('calls', 20)], 1)
    one.stands([...of('things', 1), ...of('calls', 10)], 1)
    // Of 20 calls that visitors have left, a fifth of a thing comes with each at most.
    one.hour((meter) => (meter === 'calls' ? 80 : 0))
    expect(one.result().find(({ meter }) => meter === 'things')).toMatchObject({ best: 4, granted: 1 })
    // What needs no calls at all may be had without.
    one.asks(of('things', 3), 1)
    one.hour((meter) => (meter === 'calls' ? 100 : 0))
    expect(one.result().find(({ meter }) => meter === 'things')).toMatchObject({ best: 4 + 8 })
  })

  it('shows the meter that was fought for most first', () => {
    const one = new Packing(
      'an-account',
      new Map([
        ['things', 3],
        ['hours', 1000],
      ]),
    )
    one.asks([...of('hours', 500), ...of('things', 3)], 1)
    one.hour()
    expect(one.result().map(({ meter }) => meter)).toEqual(['things', 'hours'])
  })
})
