import { describe, expect, it } from 'vitest'
import type { Amount } from '../../../../catalog/demand.ts'
import type { Meter } from '../../../../catalog/meters.ts'
import { type Carriage, Refused } from '../../../../factory/stem-cell/carriage.ts'
import { demandOf } from '../../../../factory/stem-cell/plan/demand-of.ts'
import { type Billing, sumOf, worstOf } from '../../../../factory/stem-cell/plan/worst-spend.ts'

const METER: Meter = {
  id: 'fn.requests',
  service: 'fn',
  category: 'compute',
  name: 'requests',
  unit: 'request',
  limit: 1_000_000,
  period: 'month',
  scope: 'account',
  onLimit: 'bill',
  usdPerUnit: 0.0000004,
  reader: { id: 'monitoring', call: 'timeSeries.list', delayMinutes: 4 },
  sources: [],
}
const AMOUNT: Amount = {
  meter: 'fn.requests',
  scope: '',
  amount: 20_000,
  bound: 'watched',
  perHour: 36_000,
  because: '10 a second',
}

function billing(stops: boolean, more: Partial<Meter> = {}): Billing {
  return { meters: new Map([[METER.id, { ...METER, ...more }]]), stops: () => stops }
}

function demanded(bill: Billing, amount: Partial<Amount>, consentWatched: boolean): unknown {
  const carriage = {
    order: { cloudAccount: { consentWatched } },
    rules: {
      'x:fn:Fn': {
        safe: (inputs: unknown) => inputs,
        demand: () => ({ ok: true, demand: { amounts: [{ ...AMOUNT, ...amount }] } }),
      },
    },
  } as unknown as Carriage
  try {
    return demandOf(carriage, bill, { urn: 'urn:pulumi:w::p::x:fn:Fn::api', type: 'x:fn:Fn', inputs: {} })
  } catch (error) {
    return error instanceof Refused ? error.refusal : error
  }
}

describe('what is only watched', () => {
  it('may cost what its native throttles let through until its reader shows it', () => {
    expect(worstOf(billing(false), AMOUNT)).toEqual({
      meter: 'fn.requests',
      reader: 'monitoring',
      delayMinutes: 4,
      amount: 2400,
      usd: 2400 * 0.0000004,
      says: 'monitoring is 4 minutes behind: at most 0.01 USD until then',
    })
  })

  it('costs nothing where the plan stops by itself, and what is proven is not watched at all', () => {
    expect(worstOf(billing(true), AMOUNT)).toMatchObject({ usd: 0 })
    expect(worstOf(billing(false), { ...AMOUNT, bound: 'proven' })).toBeUndefined()
  })

  it('has no sum in numbers where one of them has no price', () => {
    const { usdPerUnit: _, ...unpriced } = METER
    const priced = worstOf(billing(false), AMOUNT)
    const open = worstOf({ meters: new Map([[METER.id, unpriced]]), stops: () => false }, AMOUNT)
    expect(open).not.toHaveProperty('usd')
    if (priced === undefined || open === undefined) throw new Error('both are watched')
    expect(sumOf([priced, priced])).toBeCloseTo(2 * 2400 * 0.0000004)
    expect(sumOf([priced, open])).toBeUndefined()
  })

  it('needs the word of the owner, whose refusal names class and worst spend', () => {
    expect(demanded(billing(false), {}, false)).toMatchObject({
      code: 'lock.watched',
      resource: 'api',
      meter: 'fn.requests',
      class: 'watched',
      message: expect.stringContaining('at most 0.01 USD until then'),
    })
    expect(demanded(billing(false), {}, true)).toEqual([AMOUNT])
  })

  it.each([
    ['nothing says how much an hour can take', {}, { perHour: undefined }],
    ['the platform has no reader', { reader: undefined }, {}],
  ])('is bounded by nothing on a plan that bills when %s, whatever the owner says', (_why, meter, amount) => {
    const bill = billing(false, meter as Partial<Meter>)
    for (const consent of [false, true])
      expect(demanded(bill, amount as Partial<Amount>, consent)).toMatchObject({
        code: 'lock.unbounded',
        class: 'unbounded',
      })
  })

  it('needs neither on a plan that stops by itself', () => {
    const bill = billing(true, { reader: undefined } as unknown as Partial<Meter>)
    expect(demanded(bill, { perHour: undefined } as unknown as Partial<Amount>, true)).toBeInstanceOf(Array)
  })

  it('is not what is bounded by nothing: that is refused everywhere', () => {
    expect(demanded(billing(true), { bound: 'unbounded' }, true)).toMatchObject({ code: 'lock.unbounded' })
  })
})
