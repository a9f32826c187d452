import { describe, expect, it } from 'vitest'
import type { Gone, Reading } from '../../../engines/contract/watch.ts'
import { bothDemands, plant, readingOf, watching } from '../look.ts'
import { component, packed, SERVER_FILES, useCloud } from '../use-cloud.ts'
import { railsContext } from '../walls.ts'

const cloud = useCloud('aws')
const FUNCTION = 'aws:lambda/function:Function'

async function functionWithUrl(name: string, set: Record<string, unknown> = {}): Promise<string> {
  await plant(cloud, FUNCTION, { name, ...set }, { region: 'us-east-1', owner: 'w-1' })
  const url = await plant(
    cloud,
    'aws:lambda/functionUrl:FunctionUrl',
    { functionName: name, authorizationType: 'NONE' },
    { region: 'us-east-1' },
  )
  return String(url.outputs.functionUrl)
}

describe('watching AWS', () => {
  it('reads what functions used, in total and told apart, and nothing that was turned away', async () => {
    const busy = await functionWithUrl('busy', { memorySize: 1024 })
    const still = await functionWithUrl('still', { reservedConcurrentExecutions: 0 })
    for (const url of [busy, busy, busy]) expect((await fetch(url)).status).toBe(200)
    expect((await fetch(still)).status).toBe(429)

    const { readings, charged } = (await cloud.engine.watch.usage?.(await watching(cloud))) ?? { readings: [] }
    const requests = readingOf(readings, 'aws-lambda.requests')
    expect(requests).toMatchObject({ scope: '', total: 3 })
    expect(requests?.byResource).toContainEqual({ id: 'busy', amount: 3 })
    expect(requests?.byResource).toContainEqual({ id: 'still', amount: 0 })
    const compute = readingOf(readings, 'aws-lambda.compute')
    expect(compute?.total).toBeGreaterThan(0)
    // A gigabyte for every second.
    const inventory = (await cloud.inventory()) as unknown as {
      id: string
      usage: Record<string, { busyMs: number }>
    }[]
    const { usage = {} } = inventory.find((one) => one.id === 'busy') ?? {}
    expect(compute?.total).toBeCloseTo((Object.values(usage)[0]?.busyMs ?? 0) / 1000, 6)
    expect(readingOf(readings, 'aws-egress.internet-egress')?.total).toBeGreaterThan(0)
    expect(charged).toBeUndefined()
  })

  it('sees traffic as late as AWS shows it', async () => {
    const url = await functionWithUrl('later')
    await fetch(url)
    await cloud.sandbox.admin('POST', '/stale', { cloud: 'aws', by: '6h' })
    const amount = async () => {
      const usage = await cloud.engine.watch.usage?.(await watching(cloud))
      return readingOf(usage?.readings ?? [], 'aws-lambda.requests')?.byResource?.find((one) => one.id === 'later')
        ?.amount
    }
    expect(await amount()).toBe(0)
    await cloud.sandbox.admin('POST', '/stale', { cloud: 'aws', by: '0s' })
    expect(await amount()).toBe(1)
  })

  it('finds everything that stands, whose it is, and what its demand comes of', async () => {
    await plant(cloud, FUNCTION, { name: 'orphan', memorySize: 256 }, { region: 'eu-west-1', owner: 'w-7' })
    await plant(
      cloud,
      'aws:dynamodb/table:Table',
      { name: 'people', readCapacity: 20, writeCapacity: 3 },
      { region: 'us-west-2' },
    )
    await plant(cloud, 'aws:cloudwatch/logGroup:LogGroup', { name: '/aws/lambda/orphan' }, { region: 'eu-west-1' })
    await plant(
      cloud,
      'aws:ec2/instance:Instance',
      { instanceType: 't3.micro', ami: 'ami-1' },
      { region: 'eu-central-1' },
    )
    await plant(cloud, 'aws:s3/bucket:Bucket', { bucket: 'forgotten' }, { region: 'us-east-1' })

    const found = (await cloud.engine.watch.survey?.(await watching(cloud))) ?? []
    const one = (type: string, id?: string) => found.find((each) => each.type === type && (id ?? each.id) === each.id)
    expect(one(FUNCTION, 'orphan')).toMatchObject({
      region: 'eu-west-1',
      owner: { workspace: 'w-7' },
      inputs: { memorySize: 256, reservedConcurrentExecutions: -1, packageType: 'Zip' },
    })
    expect(one('aws:dynamodb/table:Table', 'people')).toMatchObject({
      region: 'us-west-2',
      inputs: { billingMode: 'PROVISIONED', readCapacity: 20, writeCapacity: 3 },
    })
    expect(one('aws:dynamodb/table:Table', 'people')?.owner).toBeUndefined()
    expect(one('aws:cloudwatch/logGroup:LogGroup', '/aws/lambda/orphan')?.inputs.retentionInDays).toBe(0)
    expect(one('aws:ec2/instance:Instance')?.inputs.instanceType).toBe('t3.micro')
    expect(one('aws:s3/bucket:Bucket', 'forgotten')).toBeDefined()

    const table = one('aws:dynamodb/table:Table', 'people')
    const demand = cloud.engine.rules['aws:dynamodb/table:Table']?.demand(table?.inputs ?? {}, {
      plan: 'free-plan',
      region: 'us-west-2',
      expect: { requests: 0, egressMb: 0 },
    })
    expect(demand).toMatchObject({
      ok: true,
      demand: {
        amounts: expect.arrayContaining([expect.objectContaining({ meter: 'aws-dynamodb.read-capacity', amount: 20 })]),
      },
    })
    const types = new Set(await cloud.engine.watch.surveyed?.())
    expect(found.filter((each) => !types.has(each.type))).toEqual([])
  })

  it('says whose keys they are and which plan the account is on, and that nobody has set a budget', async () => {
    const checked = await cloud.engine.watch.check?.(await watching(cloud))
    expect(checked).toMatchObject({ id: '412908557311', plan: 'free-plan' })
    expect(checked?.findings.map((one) => [one.what, one.ok, one.guard ?? false])).toEqual([
      ['keys', true, false],
      ['plan', true, false],
      ['upgrade', false, true],
      ['rights', true, true],
      ['budget', false, true],
    ])
    const stranger = { accessKey: 'AKIASOMEBODYELSE0000' }
    const other = await cloud.engine.watch.check?.(await watching(cloud, { credentials: stranger }))
    expect(other?.id).toMatch(/^\d{12}$/)
    expect(other?.id).not.toBe('412908557311')
  })

  it('sees the walls that the guard rails put up, when the engine was given the walled user’s key', async () => {
    const rails = await cloud.run(() => cloud.engine.guardRails?.declare(railsContext(cloud.engine)) ?? {})
    await rails.stack.up()
    const walled = await watching(cloud, { credentials: { accessKey: 'AKIAPIPIENGINEUSER01' } })
    const checked = await cloud.engine.watch.check?.(walled)
    expect(checked?.findings.map((one) => [one.what, one.ok, one.why])).toEqual([
      ['keys', true, 'they belong to arn:aws:iam::412908557311:user/pipi-engine'],
      ['plan', true, expect.stringContaining('FREE')],
      ['upgrade', true, 'freetier:UpgradeAccountPlan is denied to these keys'],
      ['rights', true, expect.stringContaining('these keys may iam:CreateRole')],
      ['budget', true, 'there is pipi-zero-spend'],
    ])
  })

  it('asks again what was throttled, and reports what stays wrong in the words of AWS', async () => {
    const fault = { engine: 'aws', operation: 'api', type: 'sts.us-east-1.amazonaws.com/' }
    await cloud.sandbox.admin('POST', '/fault', { ...fault, kind: 'throttle', count: 2 })
    expect((await cloud.engine.watch.check?.(await watching(cloud)))?.id).toBe('412908557311')
    const wrong = watching(cloud, { credentials: { accessKey: 'nonsense' } })
    await expect(cloud.engine.watch.check?.(await wrong)).rejects.toThrow('UnrecognizedClientException')
  })

  it('finds what a workspace of ours has, with the very demand that it was granted', async () => {
    const of = component({ kind: 'service', name: 'api' })
    const { stack } = await cloud.open([await packed(cloud.engine, of, SERVER_FILES)])
    await stack.up()
    const ours = (await cloud.inventory()).filter((one) => one.urn !== '')
    const both = await bothDemands(cloud, ours)
    expect(both.length).toBeGreaterThan(1)
    for (const { id, own, found } of both) expect(found, id).toEqual(own)
  })

  it('goes on reading a function that is gone, by its name and the most that it could take', async () => {
    const url = await functionWithUrl('short-lived', { memorySize: 1024 })
    for (let n = 0; n < 2; n += 1) expect((await fetch(url)).status).toBe(200)
    await cloud.sandbox.admin('POST', '/drift', { type: FUNCTION, id: 'short-lived', delete: true })
    const context = await watching(cloud)
    const look = async (gone: readonly Gone[]) =>
      (await cloud.engine.watch.usage?.({ ...context, gone: [...gone] }))?.readings ?? []
    const told = (readings: readonly Reading[], meter: string) =>
      readingOf([...readings], meter)?.byResource?.find(({ id }) => id === 'short-lived')?.amount
    expect(told(await look([]), 'aws-lambda.requests')).toBeUndefined()
    const perHour = { 'aws-lambda.compute': 3600 }
    const readings = await look([{ id: 'short-lived', type: FUNCTION, region: 'us-east-1', perHour }])
    expect(told(readings, 'aws-lambda.requests')).toBe(2)
    const compute = told(readings, 'aws-lambda.compute') ?? 0
    expect(compute).toBeGreaterThan(0)
    expect(readingOf(readings, 'aws-lambda.compute')?.total).toBeGreaterThan(0)
  })

  it('reads others of many functions at each look, and each of them in time, with no part of the total missing', async () => {
    const names = Array.from({ length: 30 }, (_, n) => `one-of-many-${n}`)
    for (const name of names)
      await plant(cloud, FUNCTION, { name, memorySize: 128 }, { region: 'us-east-1', owner: 'w-1' })
    const url = await functionWithUrl('one-of-many-busy', { memorySize: 512 })
    expect((await fetch(url)).status).toBe(200)
    const context = await watching(cloud)
    const look = async (later: number) => {
      const { readings } = (await cloud.engine.watch.usage?.({ ...context, now: context.now + later })) ?? {
        readings: [],
      }
      const requests = readingOf(readings, 'aws-lambda.requests')
      expect(requests?.total).toBeGreaterThanOrEqual(1)
      expect(readingOf(readings, 'aws-lambda.compute')?.total).toBeGreaterThan(0)
      return requests?.byResource?.map(({ id }) => id) ?? []
    }
    const first = await look(0)
    expect(first.length).toBeLessThan(names.length)
    const seen = new Set(first)
    for (let n = 1; n <= 30 && !names.every((name) => seen.has(name)); n += 1) {
      for (const id of await look(n)) seen.add(id)
    }
    expect(names.filter((name) => !seen.has(name))).toEqual([])
  })
})
