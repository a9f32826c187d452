import { registerResourceTransform } from '@pulumi/pulumi/runtime/index.js'
import { describe, expect, it } from 'vitest'
import { bothDemands, plant, readingOf, watching } from '../look.ts'
import { component, packed, SERVER_FILES, slugOf, useCloud } from '../use-cloud.ts'

const cloud = useCloud('ggc')
const FUNCTION = 'gcp:cloudfunctionsv2/function:Function'
const PLACE = 'projects/pipi-sandbox-412907/locations/us-central1/functions'

async function functionAt(name: string, serviceConfig: Record<string, unknown> = {}): Promise<string> {
  const set = { name, location: 'us-central1', serviceConfig }
  return String((await plant(cloud, FUNCTION, set, { owner: 'w-1' })).outputs.url)
}

describe('watching Google Cloud', () => {
  it('reads what each function served, on both lists that name it, and nothing that was turned away', async () => {
    const busy = await functionAt('busy', { availableMemory: '512Mi' })
    const still = await functionAt('still', { ingressSettings: 'ALLOW_INTERNAL_ONLY' })
    for (const url of [busy, busy]) expect((await fetch(url)).status).toBe(200)
    expect((await fetch(still)).status).toBe(404)

    const { readings } = (await cloud.engine.watch.usage?.(await watching(cloud))) ?? { readings: [] }
    for (const meter of ['gcp-cloud-run.requests', 'gcp-functions.invocations']) {
      expect(readingOf(readings, meter)).toMatchObject({ scope: '', total: 2 })
      expect(readingOf(readings, meter)?.byResource).toEqual([{ id: `${PLACE}/busy`, amount: 2 }])
    }
    const memory = readingOf(readings, 'gcp-cloud-run.memory')?.total ?? 0
    const cpu = readingOf(readings, 'gcp-cloud-run.cpu')?.total ?? 0
    // Half a gibibyte goes with a third of a CPU.
    expect(memory).toBeGreaterThan(0)
    expect(cpu / memory).toBeCloseTo(0.333 / 0.5, 6)
    expect(readingOf(readings, 'gcp-cloud-run.egress-from-North-America')?.total).toBeCloseTo(24e-9, 15)
    // Each was built once, for two minutes.
    expect(readingOf(readings, 'gcp-cloud-build.build')?.total).toBe(4)
    expect(readingOf(readings, 'gcp-logging.log-ingestion')?.total).toBeGreaterThan(0)
  })

  it('tells a total where there are more services than are free to look at one by one', async () => {
    for (let index = 0; index < 17; index += 1) await fetch(await functionAt(`many-${index}`))
    const { readings } = (await cloud.engine.watch.usage?.(await watching(cloud))) ?? { readings: [] }
    const requests = readingOf(readings, 'gcp-cloud-run.requests')
    expect(requests?.total).toBe(19)
    expect(requests?.byResource).toBeUndefined()
  })

  it('finds functions, storage and machines, whose they are, and what their demand comes of', async () => {
    const safe = { publicAccessPrevention: 'enforced', softDeletePolicy: { retentionDurationSeconds: 0 } }
    await plant(cloud, 'gcp:storage/bucket:Bucket', { name: 'ours', location: 'us-east1', ...safe }, { owner: 'w-7' })
    await plant(cloud, 'gcp:storage/bucketObject:BucketObject', { bucket: 'ours', name: 'a.zip', content: 'text' })
    await plant(cloud, 'gcp:storage/bucket:Bucket', { name: 'theirs', location: 'EU', storageClass: 'NEARLINE' })
    await plant(cloud, 'gcp:storage/bucketObject:BucketObject', { bucket: 'theirs', name: 'b', content: 'text' })
    await plant(cloud, 'gcp:compute/instance:Instance', {
      name: 'vm',
      zone: 'europe-west1-b',
      machineType: 'n2-standard-4',
    })

    const found = (await cloud.engine.watch.survey?.(await watching(cloud))) ?? []
    const one = (id: string) => found.find((each) => each.id === id)
    expect(one(`${PLACE}/busy`)).toMatchObject({
      type: FUNCTION,
      region: 'us-central1',
      owner: { workspace: 'w-1' },
      inputs: { serviceConfig: { availableMemory: '512Mi', minInstanceCount: 0, maxInstanceCount: 100 } },
    })
    expect(one('ours')).toMatchObject({ region: 'us-east1', owner: { workspace: 'w-7' } })
    expect(one('ours-a.zip')).toMatchObject({ owner: { workspace: 'w-7' }, inputs: { bucket: 'ours' } })
    expect(one('theirs')).toMatchObject({ inputs: { location: 'EU', storageClass: 'NEARLINE' } })
    expect(one('theirs-b')).toBeUndefined()
    expect(one('projects/pipi-sandbox-412907/zones/europe-west1-b/instances/vm')).toMatchObject({
      region: 'europe-west1',
      inputs: { machineType: 'n2-standard-4' },
    })
    // The service behind a function is not a second one.
    expect(found.filter((each) => each.type === 'gcp:cloudrunv2/service:Service')).toEqual([])
    const context = { plan: 'free-tier', region: 'us-central1', expect: { requests: 0, egressMb: 0 } }
    expect(cloud.engine.rules['gcp:storage/bucket:Bucket']?.demand(one('ours')?.inputs ?? {}, context).ok).toBe(true)
    expect(cloud.engine.rules['gcp:storage/bucket:Bucket']?.demand(one('theirs')?.inputs ?? {}, context).ok).toBe(false)
    const types = new Set(await cloud.engine.watch.surveyed?.())
    expect(found.filter((each) => !types.has(each.type))).toEqual([])
  })

  it('says which billing account pays for the project, and that nobody has set a budget', async () => {
    const checked = await cloud.engine.watch.check?.(await watching(cloud))
    expect(checked?.id).toBe('01C4F2-8A1B6D-2E9F37')
    expect(checked?.findings.map((one) => [one.what, one.ok, one.guard ?? false])).toEqual([
      ['billing', true, false],
      ['rights', true, true],
      ['budget', false, true],
    ])
    const other = await watching(cloud, { credentials: { project: 'somebody-else' } })
    await expect(cloud.engine.watch.check?.(other)).rejects.toThrow('PERMISSION_DENIED')
  })

  it('asks for one token a look, and says without its key what is wrong with a key', async () => {
    const asked = async () => {
      const { calls } = await cloud.sandbox.admin<{ calls: { type: string }[] }>(
        'GET',
        '/calls?operation=api&limit=10000',
      )
      return calls.filter((one) => one.type === 'oauth2.googleapis.com/token').length
    }
    const before = await asked()
    await cloud.engine.watch.survey?.(await watching(cloud))
    expect(await asked()).toBe(before + 1)
    const broken = watching(cloud, { credentials: { credentials: '{"client_email":"x","private_key":"canary-key"}' } })
    const error = await broken.then((context) => cloud.engine.watch.check?.(context)).catch(String)
    expect(error).toContain('the key of a service account')
    expect(error).not.toContain('canary-key')
  })

  it('finds what a workspace of ours has, with the very demand that it was granted', async () => {
    const of = component({ kind: 'service', name: 'api' })
    const { artifact } = await packed(cloud.engine, of, SERVER_FILES)
    const { stack } = await cloud.run(() => {
      // The guard's label: objects are looked for in buckets that carry it.
      registerResourceTransform(async ({ type, props, opts }) => ({
        props: type.endsWith(':Bucket') ? { ...props, labels: { 'pipi-workspace': 'w1' } } : props,
        opts,
      }))
      const workspace = { id: 'w1', name: 'demo' }
      const context = {
        workspace,
        component: of,
        artifact,
        region: 'us-central1',
        slug: slugOf(of),
        environment: {},
        uses: {},
      }
      return { api: cloud.engine.programs.service?.declare(context) }
    })
    await stack.up()
    const ours = (await cloud.inventory()).filter((one) => one.urn !== '')
    const both = await bothDemands(cloud, ours)
    expect(both.length).toBeGreaterThan(1)
    for (const { id, own, found } of both) expect(found, id).toEqual(own)
  })
})
