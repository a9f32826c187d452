import { describe, expect, it } from 'vitest'
import { waitFor } from '../../helpers/wait-for.ts'
import { bothDemands, plant, readingOf, watching } from '../look.ts'
import { useCloud } from '../use-cloud.ts'

const cloud = useCloud('ibm')
const PROJECT = 'ibm:codeengine/project:Project'
const FUNCTION = 'ibm:codeengine/function:Function'
const NAMESPACE = 'ibm:registry/namespace:Namespace'
const IMAGE = 'ibm:registry/image:Image'
const OTHER = 'ibm:resource/instance:Instance'
const CONTEXT = { plan: 'payg-lite', region: 'us-south', expect: { requests: 0, egressMb: 0 } }

describe('watching IBM Cloud', () => {
  it('reads what functions used of the month, and what the month costs', async () => {
    const { id: project } = await plant(cloud, PROJECT, { name: 'watched', region: 'us-south' })
    const { outputs } = await plant(cloud, FUNCTION, { project, name: 'hello' })
    const look = async () => (await cloud.engine.watch.usage?.(await watching(cloud))) ?? { readings: [] }
    expect(readingOf((await look()).readings, 'ibm-code-engine.requests')).toMatchObject({ total: 0, scope: '' })
    for (let time = 0; time < 3; time += 1) expect((await fetch(String(outputs.endpoint))).status).toBe(200)
    await waitFor(
      'three requests to be counted',
      async () => readingOf((await look()).readings, 'ibm-code-engine.requests')?.total === 3,
    )
    const { readings, charged } = await look()
    const [cpu, memory] = ['cpu', 'memory'].map((name) => readingOf(readings, `ibm-code-engine.${name}`)?.total ?? 0)
    expect(cpu).toBeGreaterThan(0)
    // 1 vCPU with 4 GB.
    expect(memory).toBeCloseTo((cpu ?? 0) * 4, 6)
    expect(charged?.usd).toBe(0)
  })

  it('finds projects with what lies in them, Cloudant and any other service, whoever made it', async () => {
    const inputs = { name: 'documents', region: 'us-south', plan: 'standard' }
    const { id } = await plant(cloud, 'ibm:cloudant/instance:Instance', inputs)
    await plant(cloud, OTHER, { name: 'forgotten', service: 'kms', plan: 'tiered-pricing', region: 'us-south' })
    const found = (await cloud.engine.watch.survey?.(await watching(cloud))) ?? []
    expect(found.find((one) => one.type === FUNCTION)).toMatchObject({
      region: 'us-south',
      inputs: { name: 'hello', cpu: 1, memory: 4, timeout: 60 },
    })
    expect(found.find((one) => one.id === id)).toMatchObject({ inputs })
    expect(found.find((one) => one.type === OTHER)).toMatchObject({ inputs: { service: 'kms', name: 'forgotten' } })
    expect(new Set(found.map((one) => one.type)).size).toBe(4)
    expect(await cloud.engine.watch.surveyed?.()).toEqual(expect.arrayContaining(found.map((one) => one.type)))
    const ours = (await cloud.inventory()).filter((one) => [PROJECT, FUNCTION].includes(one.type))
    for (const { id, own, found: seen } of await bothDemands(cloud, ours)) expect(seen, id).toEqual(own)
    expect(ours.length).toBe(2)
    // What costs money shows in the month's report an hour later.
    await cloud.sandbox.admin('POST', '/clock', { forward: '1h' })
    const { charged } = (await cloud.engine.watch.usage?.(await watching(cloud))) ?? {}
    expect(charged?.usd).toBeCloseTo(await cloud.billed(), 3)
    expect(charged?.usd).toBeGreaterThan(0.1)
  })

  it('takes what a registry does not say for unknown, and an image that no repository names for an image', async () => {
    const [registry, name] = ['us.icr.io', 'unsaid']
    await plant(cloud, NAMESPACE, { registry, name, storageMb: 500, trafficMb: 5000 })
    await plant(cloud, IMAGE, { repository: `${registry}/${name}/web`, digest: '1'.repeat(64), bytes: 1000 })
    const seen = await watching(cloud)
    const told = async (change: (body: Record<string, unknown>) => unknown) => {
      const api: typeof seen.api = async (request) => {
        const answer = await seen.api(request)
        if (!/us\.icr\.io\/api\/v1\/(quotas|images)/.test(request.url)) return answer
        const body = Array.isArray(answer.body)
          ? answer.body.map(change)
          : change(answer.body as Record<string, unknown>)
        return { ...answer, body }
      }
      const found = (await cloud.engine.watch.survey?.({ ...seen, api })) ?? []
      const { readings } = (await cloud.engine.watch.usage?.({ ...seen, api })) ?? { readings: [] }
      const pulls = readings.find((one) => one.meter === 'ibm-registry-free.pull-traffic')
      return {
        image: found.find((one) => one.type === IMAGE),
        space: found.find((one) => one.type === NAMESPACE),
        pulls,
      }
    }
    const demandOf = (one: { type: string; inputs: Record<string, unknown> } | undefined) =>
      cloud.engine.rules[one?.type ?? '']?.demand(one?.inputs ?? {}, CONTEXT).ok
    const limit = { storage_bytes: 500e6, traffic_bytes: 5000e6 }
    const all = await told((body) => ({ ...body, limit }))
    expect([demandOf(all.image), demandOf(all.space), all.pulls?.total]).toEqual([true, true, 0])
    const untagged = await told(({ repoTags, ...body }) => body)
    expect(untagged.image).toMatchObject({ id: `${registry}@sha256:${'1'.repeat(64)}`, inputs: { bytes: 1000 } })
    const unsaid = await told(({ size, limit, usage, ...body }) => body)
    expect([demandOf(unsaid.image), demandOf(unsaid.space), unsaid.pulls]).toEqual([false, false, undefined])
  })

  it('says whose key it is, what it may see, that nothing would stop the account, and hears of a wrong key', async () => {
    const checked = await cloud.engine.watch.check?.(await watching(cloud))
    expect(checked?.id).toBe(cloud.engine.dna.sandbox?.cloudAccount)
    expect(checked?.findings.map(({ what, ok, guard }) => [what, ok, guard === true])).toEqual([
      ['API key', true, false],
      ['Code Engine', true, false],
      ['services', true, false],
      ['registry', true, false],
      ['service IDs', true, false],
      ['usage reports', true, false],
      ['spending notifications', false, true],
    ])
    const seen = await watching(cloud)
    const api: typeof seen.api = async (request) =>
      request.url.includes('billing')
        ? { status: 403, body: { errors: [{ message: 'not authorized' }] } }
        : seen.api(request)
    const closed = (await cloud.engine.watch.check?.({ ...seen, api }))?.findings.find((one) => !one.ok)
    expect(closed).toMatchObject({
      what: 'usage reports',
      why: 'not authorized',
      hint: 'give the key Viewer of Billing',
    })
    const wrong = await watching(cloud, { credentials: { apikey: 'wrong' } })
    await expect(cloud.engine.watch.check?.(wrong)).rejects.toThrow('API key could not be found')
  })
})
