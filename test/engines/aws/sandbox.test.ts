import { describe, expect, it } from 'vitest'
import aws from '../../../engines/aws/sandbox/resources.ts'
import { account, charged, NOW, stored, typeOf, usage, worldWith } from '../stored.ts'

const FUNCTION = 'aws:lambda/function:Function'
const role = stored('aws:iam/role:Role', 'r', { outputs: { arn: 'arn:r' } })
const code = { kept: 'ab'.repeat(32), size: 3 }

describe('the simulated AWS', () => {
  it('refuses keys as STS does, and knows whose they are', () => {
    const keys = { accessKey: 'AKIAIOSFODNN7EXAMPLE', secretKey: 's', region: 'us-east-1' }
    expect(aws.identify(keys)).toEqual({ cloudAccount: '412908557311', region: 'us-east-1' })
    expect(aws.identify({ ...keys, accessKey: 'AKIAAAAAAAAAAAAAAAAA' }).cloudAccount).toMatch(/^[1-9]\d{11}$/)
    expect(() => aws.identify({ ...keys, accessKey: 'nonsense' })).toThrow('InvalidClientTokenId')
    expect(() => aws.identify({ region: 'us-east-1' })).toThrow('No valid credential sources found')
    expect(() => aws.identify({ ...keys, region: 'mars-1' })).toThrow('invalid AWS Region: mars-1')
  })

  it.each([
    [{ runtime: 'nodejs8.10', handler: 'h' }, 'runtime'],
    [{ memorySize: 64, handler: 'h' }, 'memorySize'],
    [{ timeout: 901, handler: 'h' }, 'timeout'],
    [{ runtime: 'nodejs22.x' }, 'handler'],
  ])('checks a function: %j', async (inputs, property) => {
    const { failures } = (await typeOf(aws, FUNCTION).check?.(inputs, worldWith(aws))) ?? {}
    expect(failures?.map((failure) => failure.property)).toEqual([property])
  })

  it('refuses a function without its role, without code, with reserved names, or beyond what can be reserved', async () => {
    const create = (inputs: Record<string, unknown>, resources = [role]) =>
      typeOf(aws, FUNCTION).create({ name: 'f', role: 'arn:r', code, ...inputs }, worldWith(aws, resources))
    await expect(create({ role: 'arn:other' })).rejects.toThrow('cannot be assumed by Lambda')
    await expect(create({ code: undefined })).rejects.toThrow('must be specified')
    await expect(create({ environment: { variables: { AWS_REGION: 'x' } } })).rejects.toThrow(
      'Reserved keys used in this request: AWS_REGION',
    )
    await expect(create({ reservedConcurrentExecutions: 901 })).rejects.toThrow('UnreservedConcurrentExecution')
    const made = await create({ reservedConcurrentExecutions: 2 })
    expect(made).toMatchObject({
      id: 'f',
      outputs: { arn: 'arn:aws:lambda:us-central1:412908557311:function:f' },
      serve: { kind: 'handler', concurrency: 2 },
    })
    const still = await create({ reservedConcurrentExecutions: 0 })
    expect(still.serve).toMatchObject({ shut: { status: 429 } })
  })

  it('refuses what hangs on something that is not there', async () => {
    const world = worldWith(aws, [role])
    await expect(
      typeOf(aws, 'aws:lambda/functionUrl:FunctionUrl').create({ functionName: 'gone' }, world),
    ).rejects.toThrow('Function not found')
    await expect(
      typeOf(aws, 'aws:iam/rolePolicyAttachment:RolePolicyAttachment').create({ role: 'gone', policyArn: 'p' }, world),
    ).rejects.toThrow('NoSuchEntity')
  })
})

describe('the bill of AWS', () => {
  const fn = (given: Record<string, unknown>, use: ReturnType<typeof usage>) =>
    stored(FUNCTION, 'f', { outputs: { memorySize: 1024, architectures: ['arm64'], ...given }, usage: use })

  it('is nothing within the allowances', () => {
    expect(charged(aws.bill(account([role, fn({}, usage(1_000_000, 100e9, 400_000_000))])))).toEqual({})
  })

  it('charges what is beyond them, by its own prices', () => {
    const lines = aws.bill(account([fn({}, usage(3_000_000, 101e9, 500_000_000))]))
    expect(charged(lines)).toEqual({
      // 2,000,000 × 0.20 / 1,000,000
      'Lambda requests': 0.4,
      // 100,000 GB-s × 0.0000133334
      'Lambda compute': 1.33334,
      'Data transfer out': 0.09,
    })
  })

  it('charges machines and addresses by the hour from the first', () => {
    const machine = stored('aws:ec2/instance:Instance', 'i', {
      outputs: { instanceType: 't3.micro' },
      createdAt: NOW - 10 * 3_600_000,
    })
    expect(charged(aws.bill(account([machine])))).toEqual({ 'EC2 t3.micro': 0.104, 'Public IPv4 address': 0.05 })
    expect(charged(aws.bill(account([{ ...machine, deletedAt: NOW - 9 * 3_600_000 }])))).toEqual({
      'EC2 t3.micro': 0.0104,
      'Public IPv4 address': 0.005,
    })
  })

  it('charges lines that are kept for ever, and not those that a retention removes', () => {
    const MONTHS = ['2026-06', '2026-07', '2026-08', '2026-09']
    // 51.2 GB of lines in each month before this one.
    const traffic = Object.fromEntries(MONTHS.map((month) => [month, { requests: 1e8, egressBytes: 0, busyMs: 0 }]))
    const old = { createdAt: Date.UTC(2026, 5, 1), usage: traffic }
    const busy = stored(FUNCTION, 'f', { outputs: { memorySize: 128 }, ...old })
    const group = (days: number) =>
      stored('aws:cloudwatch/logGroup:LogGroup', '/aws/lambda/f', { ...old, inputs: { retentionInDays: days } })
    const kept = charged(aws.bill(account([busy, group(0)])))['CloudWatch logs kept'] ?? 0
    // Four months of lines for half a month: (4 × 51.2 × 0.5 - 5) × 0.03
    expect(kept).toBeGreaterThan(2.5)
    expect(kept).toBeLessThan(3.2)
    expect(charged(aws.bill(account([busy])))['CloudWatch logs kept']).toBeCloseTo(kept, 6)
    expect(charged(aws.bill(account([busy, group(7)])))['CloudWatch logs kept']).toBeUndefined()
  })

  it('charges capacity of tables beyond 25 units in a region, with their indexes, from the first hour', () => {
    const table = (id: string, region: string, inputs: Record<string, unknown>) =>
      stored('aws:dynamodb/table:Table', id, {
        inputs,
        outputs: { arn: `arn:aws:dynamodb:${region}:1:table/${id}` },
        createdAt: Date.UTC(2026, 9, 1),
      })
    const free = table('a', 'us-east-1', { readCapacity: 25, writeCapacity: 25 })
    const elsewhere = table('b', 'eu-west-1', { readCapacity: 25, writeCapacity: 25 })
    expect(charged(aws.bill(account([free, elsewhere])))).toEqual({})
    const index = { globalSecondaryIndexes: [{ readCapacity: 1, writeCapacity: 0 }] }
    const more = table('c', 'eu-west-1', { readCapacity: 0, writeCapacity: 2, ...index })
    // 15 and a half days of one RCU and two WCU
    expect(charged(aws.bill(account([free, elsewhere, more])))).toEqual({
      'DynamoDB reads in eu-west-1': Number((372 * 0.00013).toFixed(6)),
      'DynamoDB writes in eu-west-1': Number((372 * 2 * 0.00065).toFixed(6)),
    })
  })

  it('charges what lies in tables beyond 25 GB in a region, with their indexes, for as long as it lies there', () => {
    const [began, third] = [Date.UTC(2026, 9, 1), Date.UTC(2026, 9, 3)]
    const table = (bytes: number, inputs = {}, gone?: number) =>
      stored('aws:dynamodb/table:Table', `t-${bytes}`, {
        inputs,
        outputs: { arn: 'arn:aws:dynamodb:us-east-1:1:table/t' },
        createdAt: Date.UTC(2026, 7, 1),
        ...(gone === undefined ? {} : { deletedAt: gone }),
        stored: [{ at: Date.UTC(2026, 7, 2), bytes }],
      })
    const storage = (...tables: ReturnType<typeof table>[]) =>
      charged(aws.bill(account(tables)))['DynamoDB storage in us-east-1']
    // 15 and a half days of a month of 31: half of it.
    const half = (gb: number) => Number(((gb / 2) * 0.25).toFixed(6))
    expect(storage(table(25e9))).toBeUndefined()
    expect(storage(table(20e9), table(7e9))).toBe(half(2))
    expect(storage(table(13e9, { globalSecondaryIndexes: [{ name: 'by-year' }] }))).toBe(half(1))
    // What is gone since the third of the month lay there for two days.
    expect(storage(table(310e9, {}, third))).toBe(Number(((310 * 2) / 31 - 12.5).toFixed(6)) * 0.25)
    expect(
      storage({
        ...table(30e9),
        stored: [
          { at: began, bytes: 30e9 },
          { at: third, bytes: 0 },
        ],
      }),
    ).toBeUndefined()
    const cold = table(1e9, { tableClass: 'STANDARD_INFREQUENT_ACCESS' })
    expect(charged(aws.bill(account([cold])))).toEqual({
      'DynamoDB infrequently accessed storage in us-east-1': Number((0.5 * 0.1).toFixed(6)),
    })
  })
})
