import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Amount, DemandAnswer } from '../../../catalog/demand.ts'
import { metersOf } from '../../../catalog/meters.ts'
import { selfStops } from '../../../catalog/self-stops.ts'
import { openBook } from '../../../engines/demand/book.ts'
import { demandOf } from '../../../engines/demand/demand-of.ts'
import { demandTable, usualPlace } from '../../../engines/demand/table.ts'
import { amountsOf } from './expected.ts'

const book = await openBook({}, () => 0)
/** `[kind, platform, …]`, as in `test/catalog/facts.txt`. */
const facts = (await readFile(join(import.meta.dirname, '../../catalog/facts.txt'), 'utf8'))
  .trim()
  .split('\n')
  .map((line) => line.split(' '))
const named = (kind: string, at: number): [string, string][] => [
  ...new Map(
    facts
      .filter((fact) => fact[0] === kind && fact[at]?.includes(':'))
      .map((fact) => [fact[at] as string, fact[1] as string]),
  ),
]

function ask(
  type: string,
  inputs: Record<string, unknown>,
  given: { plan?: string; region?: string; requests?: number } = {},
): DemandAnswer {
  const platform = book.platforms.get(book.platformOf.get(type) ?? '')
  if (platform === undefined) throw new Error(`no platform names ${type}`)
  const usual = usualPlace(platform, type, inputs)
  const expected = { requests: given.requests ?? 20_000, egressMb: 200 }
  return demandOf(book, type, inputs, given.region ?? usual.region, given.plan ?? usual.plan, { expect: expected })
}

const exampleOf = (type: string): Record<string, unknown> =>
  book.platforms.get(book.platformOf.get(type) ?? '')?.examples[type] ?? {}

describe('every type that the facts name', () => {
  it.each(named('never', 2))('%s of %s is refused with its price', (type, code) => {
    expect(book.platformOf.get(type)).toBe(code)
    const price = book.platforms.get(code)?.neverFree.find((fact) => fact.type === type)?.price
    expect(ask(type, {})).toMatchObject({
      ok: false,
      code: 'lock.over-limit',
      message: expect.stringContaining(price as string),
    })
  })

  it.each(named('zero', 2))('%s of %s takes nothing', (type, code) => {
    expect(book.platformOf.get(type)).toBe(code)
    expect(ask(type, {})).toEqual({ ok: true, demand: { amounts: [] } })
  })

  it.each(named('type', 3))('%s of %s fits its limits with little use, or is refused with the reason', (type, code) => {
    expect(book.platformOf.get(type)).toBe(code)
    const platform = book.platforms.get(code)
    if (platform === undefined) throw new Error(code)
    const { plan } = usualPlace(platform, type, exampleOf(type))
    const answer = ask(type, exampleOf(type), { requests: 1000 })
    if (!answer.ok) {
      expect(['lock.over-limit', 'lock.unbounded']).toContain(answer.code)
      expect(`${answer.message} ${answer.hint}`.length).toBeGreaterThan(20)
      return
    }
    const limits = new Map(metersOf(platform, plan).map((meter) => [meter.id, meter.limit]))
    for (const { meter, amount } of answer.demand.amounts) {
      expect(limits.has(meter), meter).toBe(true)
      const limit = limits.get(meter)
      if (typeof limit === 'number') expect(amount, meter).toBeLessThanOrEqual(limit)
    }
  })

  it('and every other type of the engines’ rules has a platform', () => {
    for (const [code, rules] of book.rules)
      for (const type of Object.keys(rules)) expect(book.platformOf.get(type), type).toBe(code)
  })
})

/** Reckoned by hand from the sources: 744 hours and 2,678,400 seconds a month, 20,000 requests, 200 MB. */
const RECKONED: [string, Record<string, unknown>, Record<string, [number, string]>][] = [
  [
    'oci:Core/instance:Instance',
    exampleOf('oci:Core/instance:Instance'),
    {
      'oci-a1.ocpu-hours': [1488, 'proven'],
      'oci-a1.memory-hours': [8928, 'proven'],
      'oci-a1.ocpus': [2, 'proven'],
      'oci-a1.memory': [12, 'proven'],
      'oci-a1.instances': [1, 'proven'],
      'oci-block.boot+block': [50, 'proven'],
      'oci-egress.outbound': [0.0002, 'watched'],
    },
  ],
  ['oci:Core/vcn:Vcn', {}, { 'oci-vcn.vcns': [1, 'proven'] }],
  ['cloudflare:index/workersScript:WorkersScript', {}, { 'cf-workers.requests': [2000, 'proven'] }],
  [
    'cloudflare:index/workersScript:WorkersScript',
    { migrations: { newSqliteClasses: ['Room'] } },
    {
      'cf-workers.requests': [2000, 'proven'],
      'cf-durable-objects.requests': [2000, 'proven'],
      // 20,000 × 128 MB × 1 s in a month, a tenth of it in a day
      'cf-durable-objects.duration': [250, 'proven'],
      'cf-durable-objects.storage': [0.5, 'proven'],
    },
  ],
  ['cloudflare:index/queue:Queue', {}, { 'cf-queues.operations': [6000, 'proven'] }],
  [
    'vercel:index/project:Project',
    {},
    {
      'vercel-project.transfer': [0.2, 'watched'],
      'vercel-project.function-invocations': [20_000, 'watched'],
      // 20,000 × 0.1 s, and 20,000 × 2 GB × 1 s
      'vercel-project.active-cpu': [0.556, 'watched'],
      'vercel-project.provisioned-memory': [11.12, 'watched'],
      'vercel-project.blob': [0.1, 'watched'],
    },
  ],
  ['hcloud:index/zone:Zone', {}, { 'hetzner-dns.zones': [1, 'proven'] }],
  ['hcloud:index/zoneRecord:ZoneRecord', {}, {}],
  [
    'kubernetes:apps/v1:Deployment',
    {
      spec: { replicas: 3, template: { spec: { containers: [{ resources: { limits: { memory: '512Mi' } } }] } } },
    },
    {
      'sandbox-namespace.memory': [1.5, 'proven'],
      'sandbox-namespace.pods': [3, 'proven'],
      'sandbox-namespace.deployments': [1, 'proven'],
    },
  ],
  [
    'gcp:compute/disk:Disk',
    { zone: 'us-west1-a', type: 'pd-standard', size: 12 },
    { 'gcp-e2-micro.pd-standard': [12, 'proven'] },
  ],
  [
    'gcp:cloudrunv2/service:Service',
    exampleOf('gcp:cloudrunv2/service:Service'),
    {
      'gcp-cloud-run.requests': [20_000, 'watched'],
      // 20,000 × 5 s × 1 vCPU, and × 0.25 GiB
      'gcp-cloud-run.cpu': [100_000, 'watched'],
      'gcp-cloud-run.memory': [25_000, 'watched'],
      'gcp-cloud-run.egress-from-North-America': [0.2, 'watched'],
      'gcp-logging.log-ingestion': [0.018627, 'watched'],
    },
  ],
  [
    'gcp:appengine/standardAppVersion:StandardAppVersion',
    {},
    { 'gcp-app-engine-standard.f1-hours': [24, 'proven'], 'gcp-app-engine-standard.egress': [0.02, 'watched'] },
  ],
  [
    'digitalocean:index/containerRegistry:ContainerRegistry',
    {},
    { 'do-registry-starter.repositories': [1, 'proven'], 'do-registry-starter.storage': [500, 'proven'] },
  ],
]

describe('what one resource takes', () => {
  it.each(RECKONED)('%s with %j is as reckoned by hand', (type, inputs, expected) => {
    expect(amountsOf(ask(type, inputs))).toEqual(expected)
  })

  it('is not known of a type that nobody named', () => {
    expect(demandOf(book, 'aws:quantum/computer:Computer', {}, 'us-east-1', 'free-plan')).toMatchObject({
      ok: false,
      code: 'lock.unknown-type',
    })
  })

  it('depends on the plan where the platform stops on one and bills on another', () => {
    const question = ['gcp:firestore/database:Database', exampleOf('gcp:firestore/database:Database')] as const
    expect(ask(...question, { plan: 'free-tier' })).toMatchObject({ ok: true })
    const table = { migrations: undefined }
    expect(ask('cloudflare:index/workersScript:WorkersScript', table, { plan: 'r2-subscription' })).toMatchObject({
      demand: { amounts: [{ bound: 'proven' }] },
    })
  })

  it('carries for each watched meter the most in an hour and a reader, but where nothing bounds it and that is known', () => {
    const rows = demandTable(book).filter((row) => row.bound === 'watched')
    expect(rows.length).toBeGreaterThan(20)
    const billing = rows.filter((row) => {
      const platform = book.platforms.get(row.platform)
      return platform !== undefined && !selfStops(platform, row.plan)
    })
    const bare = billing.filter((row) => row.perHour === undefined).map((row) => row.meter as string)
    expect([...new Set(bare)].sort()).toEqual(NOTHING_BOUNDS)
    const unread = billing.filter((row) => row.reader === undefined).map((row) => row.meter)
    expect(unread).toEqual([])
  })
})

/** Meters on plans that bill whose use has no documented throttle: the platform refuses them there. */
const NOTHING_BOUNDS = ['aws-cloudfront-payg.function-invocations', 'azure-container-apps.requests']

/** Sizes and counts: more of them never takes less. */
const GROWING: [string, string, number, number][] = [
  ['aws:lambda/function:Function', 'memorySize', 128, 10_240],
  ['aws:lambda/function:Function', 'timeout', 1, 900],
  ['aws:lambda/function:Function', 'reservedConcurrentExecutions', 0, 10],
  ['aws:dynamodb/table:Table', 'readCapacity', 1, 25],
  ['aws:dynamodb/table:Table', 'writeCapacity', 1, 25],
  ['aws:cloudwatch/logGroup:LogGroup', 'retentionInDays', 1, 365],
  ['gcp:compute/instance:Instance', 'bootDisk.initializeParams.size', 1, 30],
  ['gcp:compute/disk:Disk', 'size', 1, 30],
  ['gcp:cloudfunctionsv2/function:Function', 'serviceConfig.timeoutSeconds', 1, 3600],
  ['gcp:cloudfunctionsv2/function:Function', 'serviceConfig.maxInstanceCount', 1, 2],
  ['gcp:cloudrunv2/service:Service', 'template.scaling.maxInstanceCount', 1, 2],
  ['oci:Core/instance:Instance', 'shapeConfig.ocpus', 1, 2],
  ['oci:Core/instance:Instance', 'shapeConfig.memoryInGbs', 1, 12],
  ['oci:Core/volume:Volume', 'sizeInGbs', 50, 200],
  ['kubernetes:apps/v1:Deployment', 'spec.replicas', 1, 50],
  ['pip:host/process:Process', 'memory', 1, 4096],
  ['pip:host/process:Process', 'bytes', 0, 1e9],
]

describe('what is made to stand still', () => {
  const still = [...book.rules.values()].flatMap((rules) =>
    Object.entries(rules).flatMap(([type, rule]) => (rule.suspended === undefined ? [] : [type])),
  )

  it.each(still)('%s is granted as well, and takes no more than before', (type) => {
    const rule = book.rules.get(book.platformOf.get(type) ?? '')?.[type]
    const inputs = rule?.safe?.(exampleOf(type)) ?? {}
    const before = sumsOf(ask(type, inputs))
    for (const [meter, { amount }] of sumsOf(ask(type, rule?.suspended?.(inputs) ?? {})))
      expect(before.get(meter)?.amount, meter).toBeGreaterThanOrEqual(amount)
  })
})

describe('demand', () => {
  it.each(GROWING)('of %s never sinks as %s grows', (type, path, least, most) => {
    fc.assert(
      fc.property(fc.integer({ min: least, max: most }), fc.integer({ min: least, max: most }), (one, other) => {
        const [small, large] = one < other ? [one, other] : [other, one]
        const before = sumsOf(ask(type, withValue(exampleOf(type), path, small)))
        const after = sumsOf(ask(type, withValue(exampleOf(type), path, large)))
        for (const [meter, { amount, perHour }] of before) {
          expect(after.get(meter)?.amount, meter).toBeGreaterThanOrEqual(amount)
          expect(after.get(meter)?.perHour ?? 0, meter).toBeGreaterThanOrEqual(perHour ?? 0)
        }
      }),
      { numRuns: 100 },
    )
  })

  it('of any type with any JSON is a finite amount or a refusal that says what to do, and never throws', () => {
    const types = [...book.platformOf.keys()]
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.dictionary(fc.string(), fc.jsonValue()), (type, noise) => {
        for (const inputs of [noise, { ...exampleOf(type), ...noise }, mutated(exampleOf(type), noise)]) {
          const answer = ask(type, inputs)
          if (!answer.ok) expect(answer.message && answer.hint, type).toBeTruthy()
          else
            for (const { meter, amount, perHour } of answer.demand.amounts) {
              expect(Number.isFinite(amount) && amount >= 0, `${type} ${meter} ${amount}`).toBe(true)
              expect(perHour === undefined || (Number.isFinite(perHour) && perHour >= 0), `${type} ${meter}`).toBe(true)
            }
        }
      }),
      { numRuns: 3000 },
    )
  })

  it('is refused when an input that bounds it is not known', () => {
    for (const [type, path] of GROWING) {
      const answer = ask(type, withValue(exampleOf(type), path, { not: 'known' }))
      // What the platform itself would then take is free as well, or nobody knows and it is refused.
      if (answer.ok) expect(OPTIONAL, `${type} ${path}`).toContain(path)
      else expect(answer.code, `${type} ${path}`).toBe('lock.unsafe-input')
    }
  })
})

/** Left out or odd, the rule takes the platform's default for these. */
const OPTIONAL: string[] = ['serviceConfig.timeoutSeconds']

function sumsOf(answer: DemandAnswer): Map<string, Amount> {
  expect(answer).toMatchObject({ ok: true })
  return new Map(answer.ok ? answer.demand.amounts.map((one) => [`${one.meter} ${one.scope}`, one]) : [])
}

function withValue(inputs: Record<string, unknown>, path: string, value: unknown): Record<string, unknown> {
  const [key, ...rest] = path.split('.') as [string, ...string[]]
  const inner = (inputs[key] ?? {}) as Record<string, unknown>
  return { ...inputs, [key]: rest.length === 0 ? value : withValue(inner, rest.join('.'), value) }
}

/** The example with each of its values replaced by some of the noise. */
function mutated(example: Record<string, unknown>, noise: Record<string, unknown>): Record<string, unknown> {
  const values = Object.values(noise)
  return Object.fromEntries(Object.keys(example).map((key, i) => [key, values[i] ?? example[key]]))
}
