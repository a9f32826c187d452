import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiAnswer, WatchContext } from '../../../engines/contract/watch.ts'
import { declareByType } from '../../../engines/parts/declare/by-type.ts'
import { component, packed, useCloud } from '../use-cloud.ts'
import { railsContext } from '../walls.ts'
import { watchContext } from '../watching.ts'

const cloud = useCloud('azu')
let watch: WatchContext & { close(): void }
beforeAll(() => {
  watch = watchContext(cloud)
})
afterAll(() => watch.close())

/** The same, with one answer of the platform in place of the simulated one. */
function answering(part: string, answer: ApiAnswer): WatchContext {
  return { ...watch, api: async (request) => (request.url.includes(part) ? answer : watch.api(request)) }
}

describe('an Azure subscription', () => {
  it('says who it is, which offer it is on, and which walls stand', async () => {
    const bare = await cloud.engine.watch.check?.(watch)
    expect(bare).toMatchObject({ id: watch.account.id, plan: 'free-account-credit' })
    expect(bare?.findings.filter((one) => !one.ok).map((one) => one.what)).toEqual(['policies that deny', 'budget'])
    const { stack } = await cloud.run(() => cloud.engine.guardRails?.declare(railsContext(cloud.engine)) ?? {})
    await stack.up()
    expect((await cloud.engine.watch.check?.(watch))?.findings.filter((one) => !one.ok)).toEqual([])
  })

  it('is no free account any more when its spending limit is off', async () => {
    const body = {
      subscriptionId: watch.account.id,
      state: 'Enabled',
      subscriptionPolicies: { quotaId: 'PayAsYouGo_2014-09-01', spendingLimit: 'Off' },
    }
    const paying = answering('api-version=2022-12-01', { status: 200, body })
    const check = await cloud.engine.watch.check?.(paying)
    expect(check?.plan).toBe('always-free')
    expect(check?.findings.find((one) => one.what === 'spending limit')).toMatchObject({ ok: false })
  })

  it('is surveyed in one question, ours by our tag, and what no rule knows by its own name', async () => {
    const { stack } = await cloud.run(() => {
      const group = declareByType('azure-native:resources:ResourceGroup', 'g', {
        resourceGroupName: 'g',
        location: 'westeurope',
      })
      const inside = { resourceGroupName: 'g', location: 'westeurope' }
      declareByType(
        'azure-native:web:AppServicePlan',
        'plan',
        { ...inside, name: 'plan', sku: { name: 'F1' }, tags: { 'pipi-workspace': 'w1', 'pipi-urn': 'abc' } },
        { dependsOn: [group] },
      )
      declareByType(
        'azure-native:containerregistry:Registry',
        'r',
        { ...inside, registryName: 'r' },
        { dependsOn: [group] },
      )
      return {}
    })
    await stack.up()
    const found = (await cloud.engine.watch.survey?.(watch)) ?? []
    const plan = found.find((one) => one.type === 'azure-native:web:AppServicePlan')
    expect(plan).toMatchObject({
      owner: { workspace: 'w1', urn: 'abc' },
      inputs: { name: 'plan', sku: { name: 'F1' } },
    })
    expect(found.map((one) => one.type)).toContain('azure-native:arm:microsoft.containerregistry/registry')
    expect(await cloud.engine.watch.surveyed?.()).toContain('azure-native:web:StaticSite')
  })

  it('measures what its apps and databases took of each meter, per resource, until some minutes ago', async () => {
    const site = await packed(cloud.engine, component({ kind: 'site', name: 'pages' }), {
      'index.html': 'x'.repeat(1000),
    })
    const notes = await packed(cloud.engine, component({ kind: 'database', name: 'notes', model: 'document' }), {})
    const papers = await packed(cloud.engine, component({ kind: 'database', name: 'papers', model: 'relational' }), {})
    const { stack } = await cloud.open([site, notes, papers])
    const { outputs } = await stack.up()
    for (let asked = 0; asked < 3; asked += 1) await fetch(String(outputs.pages?.value.url))
    const app = String(outputs.pages?.value.site)
    const usage = await cloud.engine.watch.usage?.(watch)
    const of = (meter: string) => usage?.readings.find((one) => one.meter === meter)
    expect(of('azure-static-web-apps.bandwidth')).toMatchObject({ byResource: [{ id: app }] })
    expect(of('azure-static-web-apps.bandwidth')?.total).toBeCloseTo(3000e-9, 12)
    expect(of('azure-cosmos-free.storage')?.total).toBeCloseTo(0.003, 9)
    expect(of('azure-sql-free-offer.data')?.total).toBeCloseTo(0.032, 9)
    expect(of('azure-app-service-f1.cpu')).toMatchObject({ total: 0, byResource: [] })
    expect(of('azure-static-web-apps.bandwidth')?.until).toBeLessThan(watch.now)
    const listed = (await cloud.engine.watch.survey?.(watch))?.map((one) => one.type) ?? []
    expect(listed).toEqual(expect.arrayContaining(['azure-native:web:StaticSite', 'azure-native:sql:Database']))
    // What a database's firewall lets in is in no list of the subscription: its absence says nothing.
    expect(listed).not.toContain('azure-native:sql:FirewallRule')
    expect(await cloud.engine.watch.surveyed?.()).not.toContain('azure-native:sql:FirewallRule')
  })

  it('is asked what the month costs, in pages, and answers nothing while nothing costs', async () => {
    expect(await cloud.engine.watch.usage?.(watch)).toMatchObject({ charged: { usd: 0 } })
    const cost = { status: 200, body: { value: [{ properties: { costInUSD: 0.4 } }, { properties: { cost: 1.2 } }] } }
    expect(await cloud.engine.watch.usage?.(answering('usageDetails', cost))).toMatchObject({ charged: { usd: 1.6 } })
  })

  it('lets nobody in without a token of its own', async () => {
    const stranger = { ...watch, platform: { ...watch.platform, invoke: async () => ({ token: 'stolen' }) } }
    await expect(cloud.engine.watch.check?.(stranger)).rejects.toMatchObject({
      code: 'provider.failed',
      message: expect.stringContaining('401'),
    })
  })
})
