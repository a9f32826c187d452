import { beforeAll, describe, expect, it } from 'vitest'
import type { Engine } from '../../../engines/contract/engine.ts'
import { loadEngine } from '../../../engines/scan.ts'
import { amountsOf, demandOf, expectKnownMeters, typesNamed } from '../demand/expected.ts'

const FUNCTION = 'aws:lambda/function:Function'
const base = { name: 'f', role: 'r', memorySize: 128, timeout: 10 }
let engine: Engine
beforeAll(async () => {
  engine = await loadEngine('aws')
})

describe('what AWS resources take', () => {
  it('is bounded by expected use where that is less than one running copy for a month', () => {
    expect(amountsOf(demandOf(engine, FUNCTION, base))).toEqual({
      'aws-lambda.requests': [20_000, 'watched'],
      // 20,000 × 10 s × 0.125 GB
      'aws-lambda.compute': [25_000, 'watched'],
      'aws-egress.internet-egress': [0.2, 'watched'],
    })
  })

  it('is proven by reserved concurrency where use could be more', () => {
    const answer = demandOf(engine, FUNCTION, { ...base, timeout: 60 }, { expect: { requests: 500_000, egressMb: 0 } })
    // 1 × 0.125 GB × 31 × 24 × 3600 s
    expect(amountsOf(answer)['aws-lambda.compute']).toEqual([334_800, 'proven'])
  })

  it('fills in one running copy where none was reserved, and leaves what was asked', () => {
    const safe = engine.rules[FUNCTION]?.safe
    expect(safe?.({ ...base })).toMatchObject({ reservedConcurrentExecutions: 1 })
    expect(safe?.({ ...base, reservedConcurrentExecutions: 4 })).toMatchObject({ reservedConcurrentExecutions: 4 })
  })

  it.each([
    ['reservedConcurrentExecutions', { reservedConcurrentExecutions: -1 }, {}],
    ['reservedConcurrentExecutions', { reservedConcurrentExecutions: 500 }, {}],
    ['memorySize', { memorySize: 64 }, {}],
    ['timeout', { timeout: 3600 }, {}],
    ['packageType', { packageType: 'Image' }, {}],
    ['s3Bucket', { s3Bucket: 'b' }, {}],
    ['ephemeralStorage.size', { ephemeralStorage: { size: 1024 } }, {}],
    ['region', {}, { region: 'cn-north-1' }],
    ['region', { region: 'mars-1' }, {}],
  ])('refuses a function whose %s is not free or not known: %j %j', (property, inputs, given) => {
    const answer = demandOf(engine, FUNCTION, { ...base, ...inputs }, given)
    expect(answer).toMatchObject({
      ok: false,
      code: 'lock.unsafe-input',
      message: expect.stringContaining(property),
      hint: expect.stringContaining('allowed'),
    })
  })

  it('counts logs by what requests leave, and keeps them for a time only', () => {
    const type = 'aws:cloudwatch/logGroup:LogGroup'
    expect(engine.rules[type]?.safe?.({ name: 'l' })).toEqual({ name: 'l', retentionInDays: 7 })
    // 20,000 × 1 kB
    expect(amountsOf(demandOf(engine, type, { name: 'l', retentionInDays: 62 }))).toEqual({
      'aws-cloudwatch.log-ingestion': [0.02, 'watched'],
      'aws-cloudwatch.log-archive': [0.04, 'watched'],
    })
    expect(demandOf(engine, type, { name: 'l', retentionInDays: 0 })).toMatchObject({ code: 'lock.unsafe-input' })
  })

  it('sums the capacity of a table and its indexes, per region', () => {
    const inputs = {
      name: 't',
      readCapacity: 5,
      writeCapacity: 2,
      globalSecondaryIndexes: [{ readCapacity: 3, writeCapacity: 1 }],
    }
    const answer = demandOf(engine, 'aws:dynamodb/table:Table', inputs)
    expect(amountsOf(answer)).toEqual({
      'aws-dynamodb.read-capacity': [8, 'proven'],
      'aws-dynamodb.write-capacity': [3, 'proven'],
      // 3 kB a second for 2,678,400 s
      'aws-dynamodb.storage': [8.0352, 'watched'],
    })
    expect(answer.ok && answer.demand.amounts.every((one) => one.scope === 'us-east-1')).toBe(true)
    expect(demandOf(engine, 'aws:dynamodb/table:Table', { ...inputs, billingMode: 'PAY_PER_REQUEST' })).toMatchObject({
      code: 'lock.unsafe-input',
    })
    expect(engine.rules['aws:dynamodb/table:Table']?.stateful).toBe(true)
  })

  it.each([
    [
      'aws:cloudwatch/eventRule:EventRule',
      { name: 'r', scheduleExpression: 'cron(0,30 * * * ? *)' },
      { 'aws-eventbridge.scheduled-invocations': [1488, 'proven'] },
    ],
    [
      'aws:dynamodb/table:Table',
      { name: 't', readCapacity: 1, writeCapacity: 1, tags: { 'pipi-size-mb': '500' } },
      {
        'aws-dynamodb.read-capacity': [1, 'proven'],
        'aws-dynamodb.write-capacity': [1, 'proven'],
        'aws-dynamodb.storage': [0.5, 'watched'],
      },
    ],
    ['aws:sqs/queue:Queue', {}, { 'aws-sqs.requests': [60_000, 'watched'] }],
    ['aws:sns/topic:Topic', {}, { 'aws-sns.publishes': [20_000, 'watched'] }],
    ['aws:cloudwatch/metricAlarm:MetricAlarm', { name: 'a', period: 300 }, { 'aws-cloudwatch.alarms': [1, 'proven'] }],
    ['aws:budgets/budgetAction:BudgetAction', {}, { 'aws-budgets.action-enabled-budgets': [1, 'proven'] }],
    [
      'aws:cloudfront/distribution:Distribution',
      {},
      { 'aws-cloudfront-payg.requests': [20_000, 'watched'], 'aws-cloudfront-payg.egress': [0.2, 'watched'] },
    ],
    [
      'aws:sfn/stateMachine:StateMachine',
      { definition: '{"States":{"A":{"Type":"Pass"},"B":{"Type":"Pass"}}}' },
      { 'aws-step-functions.transitions': [60_000, 'watched'] },
    ],
  ])('computes %s', (type, inputs, expected) => {
    expect(amountsOf(demandOf(engine, type, inputs))).toEqual(expected)
  })

  it('takes nothing for what is free of charge', () => {
    const free = {
      'aws:iam/role:Role': { name: 'r' },
      'aws:lambda/permission:Permission': {},
      'aws:lambda/functionUrl:FunctionUrl': { functionName: 'f' },
      'aws:ec2/securityGroup:SecurityGroup': {},
    }
    for (const [type, inputs] of Object.entries(free)) expect(amountsOf(demandOf(engine, type, inputs))).toEqual({})
  })

  it('answers for every type that the facts name, refusing what is never free with its price', async () => {
    const { free, never, zero } = await typesNamed(engine)
    for (const type of [...free, ...never, ...zero]) expect(engine.rules[type], type).toBeDefined()
    for (const type of never)
      expect(demandOf(engine, type, {}), type).toMatchObject({ ok: false, code: 'lock.over-limit' })
    expect(demandOf(engine, 'aws:ec2/natGateway:NatGateway', {})).toMatchObject({
      message: expect.stringContaining('0.045/h'),
    })
    for (const type of [
      'aws:s3/bucket:Bucket',
      'aws:ec2/instance:Instance',
      'aws:rds/instance:Instance',
      'aws:rds/cluster:Cluster',
      'aws:apigatewayv2/api:Api',
      'aws:lightsail/instance:Instance',
      'aws:ebs/volume:Volume',
    ]) {
      expect(demandOf(engine, type, {}), type).toMatchObject({ ok: false, code: 'lock.over-limit' })
    }
    await expectKnownMeters(
      engine,
      [...free, ...zero].map((type) =>
        demandOf(engine, type, { readCapacity: 1, writeCapacity: 1, retentionInDays: 1, definition: '{"States":{}}' }),
      ),
    )
  })

  it('looks each type up by a key that names one resource, without secrets', () => {
    const inputs = {
      name: 'demo',
      role: 'demo',
      policyArn: 'arn:p',
      function: 'demo',
      functionName: 'demo',
      statementId: 's',
      environment: { variables: { KEY: 'canary' } },
    }
    expect(engine.rules[FUNCTION]?.lookup(inputs)).toEqual({ id: 'demo' })
    expect(engine.rules['aws:iam/rolePolicyAttachment:RolePolicyAttachment']?.lookup(inputs)).toEqual({
      id: 'demo/arn:p',
    })
    expect(engine.rules['aws:lambda/permission:Permission']?.lookup(inputs)).toEqual({ id: 'demo/s' })
  })

  it('finds only what carries the workspace in its tag, and says when nobody can look', async () => {
    const rule = engine.rules[FUNCTION]
    const reader = (properties: Record<string, unknown> | undefined) => ({
      read: async (_type: string, id: string) => (properties === undefined ? undefined : { id, properties }),
      invoke: async () => ({}),
      get: async () => undefined,
    })
    expect(await rule?.find({ id: 'demo' }, reader({ tags: { 'pipi-workspace': 'w1' } }), 'w1')).toBe('demo')
    expect(await rule?.find({ id: 'demo' }, reader({ tags: { 'pipi-workspace': 'w2' } }), 'w1')).toBeUndefined()
    expect(await rule?.find({ id: 'demo' }, reader(undefined), 'w1')).toBeUndefined()
    await expect(rule?.find({ id: null }, reader(undefined), 'w1')).rejects.toMatchObject({
      code: 'recovery.needs-decision',
    })
  })
})
