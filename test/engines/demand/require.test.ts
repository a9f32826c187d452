import { describe, expect, it } from 'vitest'
import { loadPlatform } from '../../../catalog/load.ts'
import type { Platform, Requirement } from '../../../catalog/schema.ts'
import type { ResourceRule } from '../../../engines/contract/engine.ts'
import { bindRules } from '../../../engines/demand/bind.ts'
import { USUAL } from './expected.ts'

const TYPE = 'somecloud:index:Thing'
const OTHER = 'somecloud:index:Other'
const context = { plan: 'free', region: 'here', expect: USUAL }

/** A platform whose services offer `TYPE` under these conditions. */
async function platformWith(
  conditions: Requirement[][],
  more: Partial<Platform['services'][number]> = {},
): Promise<Platform> {
  const platform = structuredClone(await loadPlatform('dgo'))
  const [model] = platform.services
  if (model === undefined) throw new Error('the model has a service')
  const services = conditions.map((require, i) => ({
    ...model,
    id: `service-${i}`,
    types: [TYPE, OTHER],
    require,
    ...more,
  }))
  return { ...platform, services, neverFree: [], zeroCost: [] }
}

/** An engine's rule that grants whatever it is asked: what is refused is so by the conditions. */
const GENEROUS: ResourceRule = {
  demand: () => ({ ok: true, demand: { amounts: [] } }),
  tagProperty: null,
  lookup: () => ({}),
  find: async () => undefined,
  stateful: false,
}

async function ask(conditions: Requirement[][], inputs: Record<string, unknown>, type = TYPE) {
  const rules = bindRules({ [TYPE]: GENEROUS, [OTHER]: GENEROUS }, await platformWith(conditions), () => 0)
  const rule = rules[type]
  if (rule === undefined) throw new Error('bound')
  return { safe: rule.safe?.(inputs), answer: rule.demand(inputs, context) }
}

describe('a condition of the catalogue', () => {
  it.each<[string, Partial<Requirement>, unknown[], unknown[]]>([
    ['equals', { equals: 'F1' }, ['F1'], ['F2', undefined, null, 1, true]],
    ['equals a number', { equals: 0 }, [0, '0'], [1, '', undefined, false]],
    ['equals false', { equals: false }, [false], [true, undefined, 'false']],
    ['one of', { oneOf: ['a', 2] }, ['a', 2, '2'], ['b', 3, undefined]],
    ['none of', { noneOf: ['vip'] }, ['sni'], ['vip', undefined]],
    ['none of, if at all', { noneOf: ['vip'], optional: true }, ['sni', undefined], ['vip']],
    ['at most', { max: 10 }, [0, 10, '10'], [11, -1, 'ten', undefined, Number.NaN, {}]],
    ['between', { min: 1, max: 10 }, [1, 5.5], [0, 11, undefined]],
    ['at least, if at all', { min: 60, optional: true }, [60, undefined], [59]],
    ['absent', { absent: true }, [undefined, null, [], {}], [false, 0, 'x', [1], { a: 1 }]],
    ['present', { present: true }, ['x', [1], 0, false], [undefined, null, [], {}]],
  ])('is met or not: %s', async (_, condition, met, unmet) => {
    for (const value of met)
      expect((await ask([[{ property: 'a.b', ...condition }]], { a: { b: value } })).answer, `${value}`).toMatchObject({
        ok: true,
      })
    for (const value of unmet)
      expect((await ask([[{ property: 'a.b', ...condition }]], { a: { b: value } })).answer, `${value}`).toMatchObject({
        ok: false,
        code: 'lock.unsafe-input',
      })
  })

  it('is refused with the property, what was got, what is allowed, and the source', async () => {
    const { answer } = await ask([[{ property: 'size.cores', max: 2 }]], { size: { cores: 64 } })
    expect(answer).toMatchObject({
      ok: false,
      message: expect.stringMatching(/size\.cores is 64/),
      hint: expect.stringMatching(/allowed: up to 2 \(service-0; https:\/\/\S+, 2026/),
    })
  })

  it('holds for each item that a star names, and for none where there is none', async () => {
    const rule: Requirement[][] = [[{ property: 'parts.*.size', max: 2 }]]
    expect((await ask(rule, { parts: [{ size: 1 }, { size: 2 }] })).answer.ok).toBe(true)
    expect((await ask(rule, { parts: [{ size: 1 }, { size: 3 }] })).answer.ok).toBe(false)
    expect((await ask(rule, { parts: [{ size: 1 }, {}] })).answer.ok).toBe(false)
    expect((await ask(rule, { parts: [] })).answer.ok).toBe(true)
  })

  it('is about the types it names only', async () => {
    const rule: Requirement[][] = [[{ property: 'a', equals: 1, on: [OTHER] }]]
    expect((await ask(rule, {})).answer.ok).toBe(true)
    expect((await ask(rule, {}, OTHER)).answer.ok).toBe(false)
  })

  it('of one service is enough where several offer the type, and the nearest one says what is missing', async () => {
    const either: Requirement[][] = [
      [
        { property: 'sku', equals: 'small' },
        { property: 'copies', max: 1 },
      ],
      [{ property: 'sku', equals: 'micro' }],
    ]
    expect((await ask(either, { sku: 'micro', copies: 9 })).answer.ok).toBe(true)
    expect((await ask(either, { sku: 'small', copies: 1 })).answer.ok).toBe(true)
    expect((await ask(either, { sku: 'small', copies: 9 })).answer).toMatchObject({
      message: expect.stringContaining('copies is 9'),
    })
    expect((await ask(either, { sku: 'huge', copies: 9 })).answer).toMatchObject({
      message: expect.stringContaining('sku is "huge"'),
      hint: expect.stringContaining('micro'),
    })
  })

  it('is not met by a region where nothing is free, wherever it is written', async () => {
    const platform = await platformWith([[]], { regions: ['here', 'there'] })
    const rule = bindRules({ [TYPE]: GENEROUS }, platform, () => 0)[TYPE]
    for (const inputs of [{}, { region: 'there' }, { location: 'HERE' }, { zone: 'here-b' }])
      expect(rule?.demand(inputs, context), JSON.stringify(inputs)).toMatchObject({ ok: true })
    for (const [property, inputs] of [
      ['region', { region: 'mars' }],
      ['location', { location: 'mars' }],
      ['zone', { zone: 'mars-a' }],
    ] as const)
      expect(rule?.demand(inputs, context)).toMatchObject({
        code: 'lock.unsafe-input',
        message: expect.stringContaining(property),
      })
    expect(rule?.demand({}, { ...context, region: 'mars' })).toMatchObject({ code: 'lock.unsafe-input' })
  })
})

describe('what the conditions ask for', () => {
  it('is filled in where it was left out, in sections and lists, and never over what was set', async () => {
    const rules: Requirement[][] = [
      [
        { property: 'mode', equals: 'PROVISIONED' },
        { property: 'scale.min', equals: 0 },
        { property: 'scale.max', max: 2, fill: 1 },
        { property: 'parts.*.idle', equals: true },
        { property: 'class', equals: 'STANDARD', optional: true },
        { property: 'gone', absent: true },
      ],
    ]
    const { safe } = await ask(rules, { scale: { max: 9 }, parts: [{}, { idle: false }, 'odd'] })
    expect(safe).toEqual({
      mode: 'PROVISIONED',
      scale: { min: 0, max: 9 },
      parts: [{ idle: true }, { idle: false }, 'odd'],
    })
    // Set otherwise it is refused, by its name.
    expect((await ask(rules, safe ?? {})).answer).toMatchObject({ message: expect.stringContaining('scale.max is 9') })
    expect((await ask(rules, { scale: 'no section' })).safe).toMatchObject({ scale: 'no section' })
    expect((await ask(rules, {})).safe).toEqual({ mode: 'PROVISIONED', scale: { min: 0, max: 1 } })
  })

  it('follows the service that the inputs come nearest to', async () => {
    const either: Requirement[][] = [
      [
        { property: 'shape', equals: 'A1' },
        { property: 'cores', max: 2 },
      ],
      [
        { property: 'shape', equals: 'Micro' },
        { property: 'boost', equals: false },
      ],
    ]
    expect((await ask(either, { shape: 'Micro' })).safe).toEqual({ shape: 'Micro', boost: false })
    expect((await ask(either, { shape: 'A1', cores: 1 })).safe).toEqual({ shape: 'A1', cores: 1 })
  })
})

describe('facts past their date', () => {
  it('grant only where the owner allows it, and the answer says so', async () => {
    const platform = await platformWith([[]])
    const until = Date.parse(platform.checked) + platform.goodForDays * 86_400_000
    let now = until
    const rule = bindRules({ [TYPE]: GENEROUS }, platform, () => now)[TYPE]
    expect(rule?.demand({}, { ...context, allowStale: true })).toEqual({ ok: true, demand: { amounts: [] } })
    now = until + 1
    expect(rule?.demand({}, context)).toMatchObject({ ok: false, code: 'lock.stale-facts' })
    expect(rule?.demand({}, { ...context, allowStale: true })).toMatchObject({
      ok: true,
      stale: expect.stringContaining(`checked on ${platform.checked}`),
    })
  })
})

describe('an amount that is no amount', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1])('is refused whoever computed it: %d', async (amount) => {
    const odd: ResourceRule = {
      ...GENEROUS,
      demand: () => ({
        ok: true,
        demand: { amounts: [{ meter: 'service-0.apps', scope: '', amount, bound: 'proven', because: 'odd' }] },
      }),
    }
    const rule = bindRules({ [TYPE]: odd }, await platformWith([[]]), () => 0)[TYPE]
    expect(rule?.demand({}, context)).toMatchObject({ ok: false, code: 'lock.unbounded', meter: 'service-0.apps' })
  })
})
