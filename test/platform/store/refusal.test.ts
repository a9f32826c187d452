import { describe, expect, it } from 'vitest'
import { type MeterFacts, refusalOf } from '../../../platform/store/refusal.ts'

const facts: MeterFacts = {
  code: 'lock.over-limit',
  resource: 'urn:pulumi:w::pipi::t:t:T::site-app',
  type: 't:t:T',
  meter: 'apps.static',
  scope: '',
  because: '1',
  class: 'proven',
  unit: 'app',
  title: 'static apps',
  period: 'concurrent',
  when: 'now',
  limit: 3,
  held: 3,
  observed: 0,
  asked: 1,
  room: 0,
  engine: 'abc',
  cloudAccount: 'team-1',
  resets: null,
  ends: false,
  usdPerUnit: null,
  money: null,
  others: [],
  holders: [
    { workspace: 'one', resource: 'app', amount: 2 },
    { workspace: 'two', resource: 'app', amount: 1 },
  ],
}

describe('a refusal in words', () => {
  it('says what was asked, what is left, who holds it, and what to do', () => {
    const { message, hint } = refusalOf(facts)
    expect(message).toBe(
      'site-app asks for 1 app of apps.static, and 0 app of 3 app is left at team-1: held by one 2, two 1',
    )
    expect(hint).toContain('./pipi destroy one, ./pipi destroy two')
  })

  it('says how much less would be free', () => {
    expect(refusalOf({ ...facts, asked: 2, held: 2, room: 1 }).hint).toContain('up to 1 app would be free')
  })

  it('names nobody of another account', () => {
    const { hint } = refusalOf({ ...facts, holders: [{ workspace: 'another account', resource: '', amount: 3 }] })
    expect(hint).toContain('another account')
    expect(hint).not.toContain('destroy')
  })

  it('says when it starts anew where nobody holds it', () => {
    expect(refusalOf({ ...facts, period: 'month', holders: [], resets: '2030-01-01T00:00:00Z' }).hint).toContain(
      '2030-01-01',
    )
  })

  it('says that only the next period is full, and that an end before it is the way out', () => {
    const next = { ...facts, period: 'month', when: 'next' as const, resets: '2030-01-01T00:00:00.000Z', room: 0.5 }
    const { message, hint } = refusalOf(next)
    expect(message).toContain('this month has room for and the next has not: 3 app of 3 app a month is taken already')
    expect(hint).toMatch(/^give it an end before 2030-01-01 \(ttl, or --ttl 7d\)/)
    expect(refusalOf({ ...next, ends: true }).hint).toMatch(/^let it end earlier before 2030-01-01/)
  })

  it('says what it would cost, that the budget is 0, and how its owner raises it', () => {
    const priced = { ...facts, usdPerUnit: 3, room: 0.25, asked: 2 }
    expect(refusalOf(priced).hint).toContain(
      'beyond what is free it costs 5.25 USD a month, and the budget is 0: its owner may raise it (./pipi budget set abc 6)',
    )
    const money = { budget: { limit: 5, left: 1.499 } }
    expect(refusalOf({ ...priced, money }).hint).toContain('1.50 of a budget of 5.00 USD is left')
    expect(refusalOf({ ...priced, period: 'day', asked: 1, room: 0 }).hint).toContain('93.00 USD a month')
    expect(refusalOf({ ...facts, limit: 0, held: 0 }).hint).toContain(
      'no price of it is known, so that no money can pay for it',
    )
  })

  it('names the regions that have room', () => {
    const others = [
      { scope: 'eu-2', room: 2 },
      { scope: '*', room: 2 },
    ]
    expect(refusalOf({ ...facts, scope: 'eu-1', others }).hint).toContain(
      'eu-2, any other region have room for it (2 app)',
    )
  })

  it('says that what takes it was not made here', () => {
    expect(refusalOf({ ...facts, holders: [], observed: 3 }).hint).toContain('./pipi quota reconcile')
  })

  it('says why the kill switch is thrown, and the way back', () => {
    const stopped = {
      code: 'lock.stopped',
      cloudAccount: 'team-1',
      switch: 'stopped',
      why: '95 %',
      hint: 'back',
    } as const
    expect(refusalOf({ ...stopped, resource: '' })).toEqual({
      code: 'lock.stopped',
      message: 'the kill switch of team-1 is thrown (stopped): 95 %',
      hint: 'back',
    })
  })

  it('says that nothing of it is free where the limit is 0', () => {
    expect(refusalOf({ ...facts, limit: 0, held: 0, holders: [] }).hint).toMatch(/nothing of it is free/)
  })

  it.each(['lock.unknown-type', 'lock.unbounded', 'lock.watched'] as const)(
    'has a message and a hint for %s',
    (code) => {
      const refusal = refusalOf({ ...facts, code })
      expect(refusal.message).toContain('apps.static')
      expect(refusal.hint.length).toBeGreaterThan(20)
    },
  )
})
