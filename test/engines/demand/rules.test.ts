import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DemandAnswer } from '../../../catalog/demand.ts'
import { loadPlatform } from '../../../catalog/load.ts'
import { bindRules } from '../../../engines/demand/bind.ts'
import { scanEngines } from '../../../engines/scan.ts'
import { contextOf } from './expected.ts'

const engines = [...(await scanEngines()).values()]
/** Names that rules look at, so that arbitrary inputs reach their depths. */
const KEYS = [
  'name',
  'location',
  'region',
  'zone',
  'memorySize',
  'timeout',
  'reservedConcurrentExecutions',
  'serviceConfig',
  'minInstanceCount',
  'maxInstanceCount',
  'availableMemory',
  'spec',
  'staticSites',
  'services',
  'size',
  'type',
  'definition',
  'readCapacity',
  'globalSecondaryIndexes',
  'networkInterfaces',
  'template',
  'containers',
  'scaling',
  'labels',
  'tags',
]
const anything = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(
      undefined,
      null,
      0,
      -1,
      1,
      128,
      1e12,
      Number.NaN,
      '',
      'us-central1',
      'US',
      'e2-micro',
      'pd-standard',
      '256Mi',
      '{"States":{}}',
      true,
      [],
    ),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('record'),
  ),
  record: fc.dictionary(fc.constantFrom(...KEYS), tie('value'), { maxKeys: 8 }),
})).record as fc.Arbitrary<Record<string, unknown>>

function expectAnswer(answer: DemandAnswer, what: string): void {
  if (!answer.ok) {
    expect(answer.message, what).toBeTruthy()
    expect(answer.hint, what).toBeTruthy()
    return
  }
  for (const { meter, amount, bound, because } of answer.demand.amounts) {
    expect(Number.isFinite(amount) && amount >= 0, `${what} ${meter} ${amount}`).toBe(true)
    expect(['proven', 'watched', 'unbounded'], what).toContain(bound)
    expect(because, what).toBeTruthy()
  }
}

describe.each(engines.map((engine) => [engine.dna.code, engine] as const))('the rules of %s', (_, engine) => {
  it('answer whatever they are asked, with a finite demand or a refusal that says what to do', () => {
    const types = Object.keys(engine.rules)
    fc.assert(
      fc.property(fc.constantFrom(...types), anything, (type, inputs) => {
        const rule = engine.rules[type]
        const safe = rule?.safe?.(inputs) ?? inputs
        const answer = rule?.demand(safe, contextOf(engine))
        if (answer !== undefined) expectAnswer(answer, type)
        expect(() => JSON.stringify(rule?.lookup(safe))).not.toThrow()
      }),
      { numRuns: 2000 },
    )
  })

  it('never override what was asked when they fill in what is safe, and fill it in once', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(engine.rules)), anything, (type, inputs) => {
        const rule = engine.rules[type]
        const safe = rule?.safe?.(inputs) ?? inputs
        for (const [key, value] of Object.entries(inputs)) {
          if (value === undefined || (typeof value === 'object' && value !== null)) continue
          expect(safe[key], `${type} ${key}`).toBe(value)
        }
        expect(rule?.safe?.(safe) ?? safe).toEqual(safe)
      }),
      { numRuns: 1000 },
    )
  })

  it('grant nothing on facts past their date', async () => {
    const platform = await loadPlatform(engine.dna.code)
    const until = Date.parse(platform.checked) + platform.goodForDays * 86_400_000
    let now = until
    for (const [type, rule] of Object.entries(bindRules(engine.rules, platform, () => now))) {
      now = until
      expect(rule.demand({}, contextOf(engine)), type).toEqual(engine.rules[type]?.demand({}, contextOf(engine)))
      now = until + 1
      expect(rule.demand({}, contextOf(engine)), type).toMatchObject({ ok: false, code: 'lock.stale-facts' })
    }
  })
})
