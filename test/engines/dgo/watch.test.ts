import { describe, expect, it } from 'vitest'
import { bothDemands, plant, readingOf, watching } from '../look.ts'
import { useCloud } from '../use-cloud.ts'
import { repository } from './repository.ts'

const cloud = useCloud('dgo')
const APP = 'digitalocean:index/app:App'

async function app(name: string, suspended = false): Promise<{ id: string; url: string }> {
  const { url } = await repository()
  const site = { name: 'site', sourceDir: '/site', git: { repoCloneUrl: url, branch: 'main' } }
  const inputs = { spec: { name, region: 'fra', staticSites: [site] } }
  const still = suspended ? cloud.engine.rules[APP]?.suspended?.(inputs) : undefined
  const { id, outputs } = await plant(cloud, APP, still ?? inputs)
  return { id, url: String(outputs.liveUrl) }
}

describe('watching DigitalOcean', () => {
  it('reads what each App sent on the days that are over, and what the month costs', async () => {
    const { id, url } = await app('site-a')
    const bytes = (await (await fetch(url)).arrayBuffer()).byteLength
    const transfer = async () => {
      const usage = await cloud.engine.watch.usage?.(await watching(cloud))
      return { reading: readingOf(usage?.readings ?? [], 'do-static-sites.transfer'), charged: usage?.charged }
    }
    await cloud.sandbox.admin('POST', '/clock', { forward: '1d' })
    const one = await transfer()
    // The first of a month has no day before it.
    const isFirst = new Date(one.reading?.until ?? 0).getUTCDate() === 1
    expect(one.reading?.byResource).toEqual([{ id, amount: isFirst ? 0 : bytes / 2 ** 30 }])
    expect(one.charged?.usd).toBe(0)
    for (const name of ['site-b', 'site-c', 'site-d']) await app(name)
    expect((await transfer()).charged?.usd).toBe(3)
  })

  it('serves a suspended App to nobody, and counts nothing of it', async () => {
    const { id, url } = await app('site-e', true)
    expect((await fetch(url)).status).toBe(503)
    const shown = (await cloud.inventory()) as unknown as { id: string; usage: object }[]
    expect(shown.find((one) => one.id === id)?.usage).toEqual({})
    await cloud.sandbox.admin('POST', '/drift', { id, delete: true })
  })

  it('finds Apps with their specs, the registry with its plan, domains and Droplets', async () => {
    await plant(cloud, 'digitalocean:index/droplet:Droplet', { size: 's-1vcpu-1gb', region: 'fra1', name: 'forgotten' })
    await plant(cloud, 'digitalocean:index/domain:Domain', { name: 'example.org' })
    await plant(cloud, 'digitalocean:index/containerRegistry:ContainerRegistry', {
      name: 'images',
      subscriptionTierSlug: 'basic',
    })
    const found = (await cloud.engine.watch.survey?.(await watching(cloud))) ?? []
    const one = (type: string) => found.find((each) => each.type === `digitalocean:index/${type}`)
    expect(one('app:App')).toMatchObject({
      region: 'fra',
      inputs: { spec: { name: 'site-a', staticSites: [{ git: { branch: 'main' } }] } },
    })
    expect(one('droplet:Droplet')).toMatchObject({ region: 'fra1', inputs: { size: 's-1vcpu-1gb' } })
    expect(one('domain:Domain')?.id).toBe('example.org')
    expect(one('containerRegistry:ContainerRegistry')?.inputs).toEqual({
      name: 'images',
      subscriptionTierSlug: 'basic',
    })
    const rule = cloud.engine.rules[APP]
    const context = { plan: 'free-parts', region: 'fra', expect: { requests: 0, egressMb: 0 } }
    expect(rule?.demand(one('app:App')?.inputs ?? {}, context)).toMatchObject({ ok: true })
  })

  it('finds an App with the very demand that it was granted', async () => {
    const apps = (await cloud.inventory()).filter((one) => one.type === APP)
    for (const { id, own, found } of await bothDemands(cloud, apps)) expect(found, id).toEqual(own)
    expect(apps.length).toBe(4)
  })

  it('says whose token it is, and that nothing of its own would stop it', async () => {
    const checked = await cloud.engine.watch.check?.(await watching(cloud))
    expect(checked?.id).toBe('5b1f2c3e-7d44-4a0e-9c51-2f6c1b7a9e10')
    expect(checked?.findings.filter((one) => !one.guard)).toEqual([{ what: 'account', ok: true, why: 'it is active' }])
    expect(checked?.findings.filter((one) => one.guard).every((one) => !one.ok)).toBe(true)
    const wrong = await watching(cloud, { credentials: { token: 'dop_v1_wrong' } })
    await expect(cloud.engine.watch.check?.(wrong)).rejects.toThrow('401 Unauthorized')
  })
})
