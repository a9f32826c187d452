import { describe, expect, it } from 'vitest'
import { type RefusalFacts, refusalOf } from '../../../platform/store/refusal.ts'

const facts: RefusalFacts = {
  code: 'lock.over-limit',
  resource: 'urn:pulumi:w::pipi::t:t:T::site-app',
  type: 't:t:T',
  meter: 'apps.static',
  scope: '',
  because: '1',
  unit: 'app',
  title: 'static apps',
  period: 'concurrent',
  limit: 3,
  held: 3,
  asked: 1,
  room: 0,
  cloudAccount: 'team-1',
  resets: null,
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
