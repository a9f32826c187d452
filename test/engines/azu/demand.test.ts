import { beforeAll, describe, expect, it } from 'vitest'
import type { Engine } from '../../../engines/contract/engine.ts'
import { loadEngine } from '../../../engines/scan.ts'
import { amountsOf, demandOf, expectKnownMeters, typesNamed } from '../demand/expected.ts'
import { component } from '../use-cloud.ts'

const APP = 'azure-native:app:ContainerApp'
const containerApp = {
  template: {
    scale: { minReplicas: 0, maxReplicas: 1 },
    containers: [{ resources: { cpu: 0.25, memory: '0.5Gi' } }],
  },
}
let engine: Engine
beforeAll(async () => {
  engine = await loadEngine('azu')
})

describe('what Azure resources take', () => {
  it('is proven where the platform stops by itself', () => {
    expect(amountsOf(demandOf(engine, 'azure-native:web:StaticSite', {}))).toEqual({
      'azure-static-web-apps.apps': [1, 'proven'],
      'azure-static-web-apps.bandwidth': [0.2, 'proven'],
    })
    expect(amountsOf(demandOf(engine, 'azure-native:sql:Database', {}))).toEqual({
      'azure-sql-free-offer.databases': [1, 'proven'],
    })
    expect(
      amountsOf(demandOf(engine, 'azure-native:web:AppServicePlan', { sku: { name: 'F1', tier: 'Free' } })),
    ).toEqual({})
    const linux = { sku: { name: 'F1', tier: 'Free' }, reserved: true, location: 'eastus2' }
    expect(demandOf(engine, 'azure-native:web:AppServicePlan', linux)).toMatchObject({
      demand: {
        amounts: [{ meter: 'azure-app-service-f1.linux-plans', amount: 1, bound: 'proven', scope: 'eastus2' }],
      },
    })
  })

  it('is watched where only use bounds it, with the most that its replicas take in an hour', () => {
    const answer = demandOf(engine, APP, containerApp)
    expect(amountsOf(answer)).toEqual({
      'azure-container-apps.requests': [20_000, 'watched'],
      'azure-container-apps.cpu': [10_000, 'watched'],
      'azure-container-apps.memory': [20_000, 'watched'],
    })
    const cpu = answer.ok ? answer.demand.amounts.find((one) => one.meter.endsWith('.cpu')) : undefined
    expect(cpu?.perHour).toBe(900)
  })

  it('is proven for a function app whose quota of a day the platform holds', () => {
    const answer = demandOf(engine, 'azure-native:web:WebApp', { kind: 'functionapp,linux' })
    expect(amountsOf(answer)).toMatchObject({ 'azure-functions-consumption.compute': [372_000, 'proven'] })
    expect(
      demandOf(engine, 'azure-native:web:WebApp', { kind: 'functionapp', dailyMemoryTimeQuota: 20_000 }),
    ).toMatchObject({ code: 'lock.unsafe-input' })
  })

  it.each([
    ['azure-native:web:StaticSite', { sku: { name: 'Standard', tier: 'Standard' } }, 'sku'],
    ['azure-native:web:AppServicePlan', { sku: { name: 'B1', tier: 'Basic' } }, 'sku'],
    [APP, { template: { ...containerApp.template, scale: { minReplicas: 1, maxReplicas: 1 } } }, 'minReplicas'],
    [APP, { template: { ...containerApp.template, scale: { minReplicas: 0, maxReplicas: 9 } } }, 'maxReplicas'],
    [APP, { ...containerApp, workloadProfileName: 'D4' }, 'workloadProfileName'],
    [
      'azure-native:app:ManagedEnvironment',
      { appLogsConfiguration: { destination: 'log-analytics' } },
      'appLogsConfiguration',
    ],
    ['azure-native:sql:Database', { freeLimitExhaustionBehavior: 'BillOverUsage' }, 'freeLimitExhaustionBehavior'],
    ['azure-native:sql:Database', { useFreeLimit: false }, 'useFreeLimit'],
    ['azure-native:cosmosdb:DatabaseAccount', { enableFreeTier: false }, 'enableFreeTier'],
    ['azure-native:compute:VirtualMachine', { hardwareProfile: { vmSize: 'Standard_D2s_v5' } }, 'vmSize'],
  ])('is refused for %s with %j', (type, inputs, property) => {
    expect(demandOf(engine, type, inputs)).toMatchObject({
      code: 'lock.unsafe-input',
      message: expect.stringContaining(property),
    })
  })

  it('answers for every type that the facts name', async () => {
    const { free, never, zero } = await typesNamed(engine)
    const answers = [...free, ...never, ...zero].map((type) => {
      expect(engine.rules[type], type).toBeDefined()
      return demandOf(engine, type, type === APP ? containerApp : {})
    })
    for (const type of never) expect(demandOf(engine, type, {}), type).toMatchObject({ ok: false })
    await expectKnownMeters(engine, answers)
  })

  it('is nothing for what an app or an account carries already, and all of Cosmos’ units for its database', () => {
    for (const type of ['azure-own:web:SiteContent', 'azure-own:web:AppContent', 'azure-own:sql:Password'])
      expect(demandOf(engine, type, {}), type).toMatchObject({ ok: true, demand: { amounts: [] } })
    const database = 'azure-native:cosmosdb:SqlResourceSqlDatabase'
    expect(amountsOf(demandOf(engine, database, { options: { throughput: 1000 } }))).toEqual({
      'azure-cosmos-free.throughput': [1000, 'proven'],
    })
    for (const options of [{}, { throughput: 1001 }, { autoscaleSettings: { maxThroughput: 4000 } }])
      expect(demandOf(engine, database, { options })).toMatchObject({ code: 'lock.unsafe-input' })
  })

  it('has no carrier for containers, jobs and stores, and says why', () => {
    expect(Object.keys(engine.programs).sort()).toEqual(['database', 'function', 'service', 'site'])
    expect(engine.noCarrier.container).toContain('registry')
    expect(engine.noCarrier.job).toContain('12 months')
    expect(engine.noCarrier.store).toContain('12 months')
  })

  it.each([
    [{ kind: 'service', name: 'api', runtime: 'jvm' }, /JVM/],
    [{ kind: 'service', name: 'api', memoryMb: 2048 }, /1024/],
    [{ kind: 'service', name: 'api', domains: ['lab.example.org'] }, /names of its own/],
    [{ kind: 'function', name: 'fn', timeoutS: 60 }, /45/],
  ] as const)('refuses %j before anything is built', (given, reason) => {
    expect(engine.refuses?.(component(given))).toMatch(reason)
    expect(engine.refuses?.(component({ kind: given.kind, name: 'api' }))).toBeUndefined()
  })
})
