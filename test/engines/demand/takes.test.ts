import { describe, expect, it } from 'vitest'
import { loadPlatform } from '../../../catalog/load.ts'
import type { Platform, Take } from '../../../catalog/schema.ts'
import { rulesOfCatalog } from '../../../engines/demand/rules-of-catalog.ts'
import { amountsOf, USUAL } from './expected.ts'

const TYPE = 'somecloud:index:Thing'
const context = { plan: 'free', region: 'Here', expect: USUAL }
type Service = Platform['services'][number]
type Given = Omit<Take, 'defaults'> & Partial<Pick<Take, 'defaults'>>

async function ask(takes: Given[], inputs: Record<string, unknown>, more: Partial<Service> = {}) {
  const platform = structuredClone(await loadPlatform('dgo'))
  const [model] = platform.services
  if (model === undefined) throw new Error('the model has a service')
  const service: Service = {
    ...model,
    id: 'thing',
    types: [TYPE],
    require: [],
    onLimit: 'bill',
    meters: [
      { name: 'count', unit: 'thing', limit: 2, period: 'concurrent', scope: 'account' },
      { name: 'hours', unit: 'hour', limit: 744, period: 'month', scope: 'account' },
      { name: 'requests', unit: 'request', limit: 1000, period: 'month', scope: 'account' },
      { name: 'memory', unit: 'GiB', limit: 4, period: 'concurrent', scope: 'account' },
      { name: 'disk', unit: 'GB', limit: 10, period: 'concurrent', scope: 'resource', times: 'count' },
      { name: 'local', unit: 'WCU', limit: 25, period: 'concurrent', scope: 'region' },
    ],
    takes: takes.map((take) => ({ defaults: {}, ...take })),
    ...more,
  }
  const rules = rulesOfCatalog({ ...platform, services: [service], neverFree: [], zeroCost: [] })
  const answer = rules[TYPE]?.demand(inputs, context)
  if (answer === undefined) throw new Error('a rule')
  return answer
}

describe('what the catalogue says that a type takes', () => {
  it.each<[string, Given, Record<string, unknown>, Record<string, [number, string]>]>([
    ['a fixed number', { meter: 'count', count: 1 }, {}, { 'thing.count': [1, 'proven'] }],
    ['all of its own', { meter: 'disk', whole: true }, {}, { 'thing.disk': [10, 'proven'] }],
    [
      'an input by hours',
      { meter: 'hours', from: ['cores'], times: 744 },
      { cores: 0.5 },
      { 'thing.hours': [372, 'proven'] },
    ],
    ['a product', { meter: 'hours', from: ['a', 'b'] }, { a: 2, b: '3' }, { 'thing.hours': [6, 'proven'] }],
    [
      'a sum over a list, with units of memory',
      { meter: 'memory', from: ['parts.*.memory', 'copies'], defaults: { copies: 1 } },
      { parts: [{ memory: '512Mi' }, { memory: '1Gi' }] },
      { 'thing.memory': [1.5, 'proven'] },
    ],
    [
      'the length of a list',
      { meter: 'count', lengthOf: 'domains' },
      { domains: ['a', 'b'] },
      { 'thing.count': [2, 'proven'] },
    ],
    [
      'expected use',
      { meter: 'requests', expect: 'requests', times: 0.01 },
      {},
      { 'thing.requests': [200, 'watched'] },
    ],
    ['an assumption', { meter: 'memory', assume: 0.5 }, {}, { 'thing.memory': [0.5, 'watched'] }],
    ['nothing', { meter: 'count', count: 0 }, {}, {}],
  ])('is computed: %s', async (_, take, inputs, expected) => {
    expect(amountsOf(await ask([take], inputs))).toEqual(expected)
  })

  it.each<[string, Given, Record<string, unknown>, RegExp]>([
    ['an input that is missing', { meter: 'hours', from: ['cores'] }, {}, /cores is not known/],
    ['one that is no number', { meter: 'hours', from: ['cores'] }, { cores: 'many' }, /cores is "many"/],
    ['a negative one', { meter: 'hours', from: ['cores'] }, { cores: -1 }, /cores is -1/],
    [
      'one of a list that is missing',
      { meter: 'memory', from: ['parts.*.memory'] },
      { parts: [{ memory: 1 }, {}] },
      /parts/,
    ],
    ['no list', { meter: 'memory', from: ['parts.*.memory'] }, { parts: [] }, /parts.\*.memory is not known/],
  ])('is refused with the property: %s', async (_, take, inputs, message) => {
    expect(await ask([take], inputs)).toMatchObject({
      ok: false,
      code: 'lock.unsafe-input',
      message: expect.stringMatching(message),
    })
  })

  it('is refused where one asks for more than one has', async () => {
    expect(await ask([{ meter: 'disk', from: ['size'] }], { size: 11 })).toMatchObject({
      ok: false,
      code: 'lock.over-limit',
      meter: 'thing.disk',
      message: expect.stringContaining('has 10'),
    })
  })

  it('is proven where the platform itself stops, and only on plans on which it does', async () => {
    const take: Given = { meter: 'requests', expect: 'requests' }
    expect(amountsOf(await ask([take], {}, { onLimit: 'hard-stop' }))).toEqual({ 'thing.requests': [20_000, 'proven'] })
    expect(amountsOf(await ask([take], {}, { onLimit: 'blocked', onLimitOn: { free: 'bill' } }))).toEqual({
      'thing.requests': [20_000, 'watched'],
    })
  })

  it('carries the most in an hour where native throttles are known, and is counted per region where the meter is', async () => {
    const answer = await ask(
      [
        { meter: 'requests', expect: 'requests', perHour: 36_000 },
        { meter: 'local', count: 1 },
      ],
      {},
    )
    expect(answer).toMatchObject({ demand: { amounts: [{ perHour: 36_000, scope: '' }, { scope: 'here' }] } })
  })

  it('is unbounded where nothing is said, over the limit where nothing of it is made, and says why', async () => {
    expect(await ask([], {})).toMatchObject({ code: 'lock.unbounded', hint: expect.stringContaining('catalog table') })
    expect(await ask([], {}, { refused: 'its nodes are charged' })).toMatchObject({
      code: 'lock.over-limit',
      message: expect.stringContaining('its nodes are charged'),
    })
  })
})
