import { describe, expect, it } from 'vitest'
import dgo from '../../../engines/dgo/sandbox/resources.ts'
import { account, call, charged, NOW, stored, typeOf, usage, worldWith } from '../stored.ts'

const API = 'https://api.digitalocean.com'
const APP = 'digitalocean:index/app:App'
const spec = {
  name: 'demo',
  region: 'nyc',
  staticSites: [{ name: 'site', git: { repoCloneUrl: 'x', branch: 'main' } }],
}
const app = (id: string, given: Partial<Parameters<typeof stored>[2]> = {}) =>
  stored(APP, id, { inputs: { spec: { ...spec, name: id } }, ...given })

describe('the simulated DigitalOcean', () => {
  it('knows a team by its token', () => {
    expect(dgo.identify({ token: `dop_v1_${'0'.repeat(64)}` }).cloudAccount).toBe(
      '5b1f2c3e-7d44-4a0e-9c51-2f6c1b7a9e10',
    )
    expect(() => dgo.identify({ token: 'nonsense' })).toThrow('401 Unable to authenticate you')
  })

  it.each([
    [{ ...spec, region: 'mars' }, 'spec.region'],
    [{ ...spec, name: 'X' }, 'spec.name'],
    [{ name: 'demo' }, 'spec'],
    [{ ...spec, staticSites: [{ name: 'site' }] }, 'spec.staticSites'],
  ])('checks an App: %j', async (given, property) => {
    const { failures } = (await typeOf(dgo, APP).check?.({ spec: given }, worldWith(dgo))) ?? {}
    expect(failures?.map((failure) => failure.property)).toEqual([property])
  })

  it('lists Apps in pages, and nothing else', async () => {
    const world = worldWith(
      dgo,
      ['one', 'two', 'three'].map((id) => app(id)),
    )
    const first = await dgo.api(call('GET', `${API}/v2/apps?page=1&per_page=2`), world)
    expect(first).toMatchObject({
      status: 200,
      body: {
        apps: [{ id: 'one' }, { id: 'two' }],
        links: { pages: { next: `${API}/v2/apps?page=2&per_page=2` } },
        meta: { total: 3 },
      },
    })
    expect((await dgo.api(call('GET', `${API}/v2/apps?page=2&per_page=2`), world)).body).toMatchObject({
      apps: [{ id: 'three' }],
      links: {},
    })
    expect((await dgo.api(call('GET', `${API}/v2/nothing`), world)).status).toBe(404)
  })
})

describe('the bill of DigitalOcean', () => {
  it('is nothing for three static Apps within their transfer', () => {
    const three = ['a', 'b', 'c'].map((id) => app(id, { usage: usage(1, 2 ** 30, 1) }))
    expect(charged(dgo.bill(account(three)))).toEqual({})
  })

  it('charges the fourth that stood beside them, whole months, and transfer beyond', () => {
    const four = ['a', 'b', 'c', 'd'].map((id) => app(id, { usage: usage(1, 2 * 2 ** 30, 1) }))
    // 8 GiB used, 4 allowed
    expect(charged(dgo.bill(account(four)))).toEqual({ 'Static Apps': 3, 'Outbound transfer of Apps': 0.08 })
    const gone = app('d', { createdAt: NOW - 7_200_000, deletedAt: NOW - 3_600_001 })
    expect(charged(dgo.bill(account([...four.slice(0, 3).map((one) => ({ ...one, usage: {} })), gone])))).toEqual({})
  })

  it('charges a registry beyond the starter plan', () => {
    const registry = (tier: string) =>
      stored('digitalocean:index/containerRegistry:ContainerRegistry', 'r', { inputs: { subscriptionTierSlug: tier } })
    expect(charged(dgo.bill(account([registry('starter')])))).toEqual({})
    expect(charged(dgo.bill(account([registry('basic')])))).toEqual({ 'Registry basic': 5 })
  })

  it('charges containers, databases and Droplets', () => {
    const paid = app('p', { inputs: { spec: { ...spec, services: [{}, {}], databases: [{}] } } })
    const droplet = stored('digitalocean:index/droplet:Droplet', '1', {
      inputs: { size: 's-1vcpu-512mb-10gb' },
      createdAt: NOW - 60_000,
    })
    expect(charged(dgo.bill(account([paid, droplet])))).toEqual({
      'App containers': 10,
      'App databases': 7,
      'Droplet s-1vcpu-512mb-10gb': 0.01,
    })
  })
})
