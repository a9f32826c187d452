import { beforeAll, describe, expect, it } from 'vitest'
import type { Engine } from '../../../engines/contract/engine.ts'
import ggc from '../../../engines/ggc/sandbox/resources.ts'
import { loadEngine } from '../../../engines/scan.ts'
import { amountsOf, demandOf, expectKnownMeters } from '../demand/expected.ts'
import { account, charged, stored, typeOf, usage, worldWith } from '../stored.ts'
import { component } from '../use-cloud.ts'

const IMAGE = 'gcp-own:registry:Image'
const REPOSITORY = 'gcp:artifactregistry/repository:Repository'
const SERVICE = 'gcp:cloudrunv2/service:Service'
const place = 'us-central1-docker.pkg.dev/demo/demo/app'
const image = { repository: place, digest: 'ab'.repeat(32), bytes: 80_000_500 }
const repository = { location: 'us-central1', repositoryId: 'demo', format: 'DOCKER', cleanupPolicies: [{ id: 'new' }] }
const inputs = (resources: Record<string, unknown>, template: Record<string, unknown> = {}) => ({
  name: 's',
  location: 'us-central1',
  template: { maxInstanceRequestConcurrency: 1, ...template, containers: [{ image: 'i', resources }] },
})
let engine: Engine
beforeAll(async () => {
  engine = await loadEngine('ggc')
})

describe('what a container on Google Cloud takes', () => {
  it('is the bytes of its image for as long as it lies there, and nothing for the place that it lies in', async () => {
    // 0.0800005 GB, to the next millionth
    expect(amountsOf(demandOf(engine, IMAGE, image))).toEqual({ 'gcp-artifact-registry.storage': [0.080001, 'proven'] })
    expect(amountsOf(demandOf(engine, REPOSITORY, repository))).toEqual({})
    await expectKnownMeters(engine, [demandOf(engine, IMAGE, image)])
  })

  it.each([
    ['repository', IMAGE, { ...image, repository: 'docker.io/library/node' }],
    ['bytes', IMAGE, { ...image, bytes: undefined }],
    ['mode', REPOSITORY, { ...repository, mode: 'REMOTE_REPOSITORY' }],
    ['cleanupPolicies', REPOSITORY, { ...repository, cleanupPolicies: [] }],
    ['cleanupPolicyDryRun', REPOSITORY, { ...repository, cleanupPolicyDryRun: true }],
    ['format', REPOSITORY, { ...repository, format: 'MAVEN' }],
    [
      'vulnerabilityScanningConfig.enablementConfig',
      REPOSITORY,
      { ...repository, vulnerabilityScanningConfig: { enablementConfig: 'INHERITED' } },
    ],
  ])('is refused for a %s that is not free or not known', (property, type, given) => {
    expect(demandOf(engine, type, given)).toMatchObject({
      code: 'lock.unsafe-input',
      message: expect.stringContaining(property),
    })
  })

  it('is what a service answers with, as a function’s, and what is charged for waiting is refused', () => {
    const resources = { cpuIdle: true, limits: { cpu: '0.17', memory: '256Mi' } }
    const usual = inputs(resources, { timeout: '10s' })
    expect(amountsOf(demandOf(engine, SERVICE, usual))).toEqual({
      'gcp-cloud-run.requests': [20_000, 'watched'],
      // 20,000 × 10 s × 0.17 of a CPU, and × 0.25 GiB
      'gcp-cloud-run.cpu': [34_000, 'watched'],
      'gcp-cloud-run.memory': [50_000, 'watched'],
      'gcp-cloud-run.egress-from-North-America': [0.2, 'watched'],
      'gcp-logging.log-ingestion': [0.018627, 'watched'],
    })
    for (const given of [
      { ...resources, cpuIdle: false },
      { ...resources, startupCpuBoost: true },
    ])
      expect(demandOf(engine, SERVICE, inputs(given))).toMatchObject({ code: 'lock.unsafe-input' })
  })

  it('is refused for names of its own, and a JVM is told that it may come as a container', () => {
    const base = `registry.example/base@sha256:${'0'.repeat(64)}`
    const container = (given: Record<string, unknown> = {}) =>
      component({ kind: 'container', name: 'web', base, ...given })
    expect(engine.refuses?.(container())).toBeUndefined()
    expect(engine.refuses?.(container({ domains: ['www.example.org'] }))).toContain('domain mapping')
    expect(engine.refuses?.(component({ kind: 'service', name: 'web', runtime: 'jvm' }))).toContain('as a container')
  })
})

describe('the simulated Cloud Run', () => {
  it.each([
    [{ cpuIdle: true, limits: { cpu: '0.2', memory: '1Gi' } }, {}],
    [{ cpuIdle: false, limits: { cpu: '0.2', memory: '256Mi' } }, {}],
    [{ cpuIdle: true, limits: { cpu: '0.2', memory: '256Mi' } }, { maxInstanceRequestConcurrency: 2 }],
    [{ cpuIdle: true, limits: { memory: 'lots' } }, {}],
  ])('refuses sizes that Google refuses: %j, %j', async (resources, template) => {
    const { failures } = (await typeOf(ggc, SERVICE).check?.(inputs(resources, template), worldWith(ggc))) ?? {}
    expect(failures?.map(({ property }) => property)).toEqual(['template'])
  })

  it('deploys no image that is not there, and deletes nothing that is protected', async () => {
    const world = worldWith(ggc)
    await expect(typeOf(ggc, SERVICE).create(inputs({}), world)).rejects.toThrow("Image 'i' not found")
    const guarded = stored(SERVICE, 's', { inputs: { deletionProtection: true } })
    await expect(typeOf(ggc, SERVICE).delete?.(guarded, world)).rejects.toThrow('deletion_protection')
  })

  it('bills a service as functions are, and images beyond half a gigabyte', () => {
    const service = stored(SERVICE, 's', {
      inputs: inputs({ limits: { cpu: '1000m', memory: '1Gi' } }),
      outputs: { location: 'us-east1' },
      usage: usage(3_000_000, 2e9, 400_000_000),
    })
    // Half a month of 2 GB: one gigabyte-month, of which half is free
    const large = stored(IMAGE, `${place}@sha256:00`, { inputs: { bytes: 2e9 }, createdAt: Date.UTC(2026, 9, 1) })
    const small = stored(IMAGE, `${place}@sha256:01`, { inputs: { bytes: 0.9e9 }, createdAt: Date.UTC(2026, 9, 1) })
    expect(charged(ggc.bill(account([small])))).toEqual({})
    const lines = charged(ggc.bill(account([service, large])))
    expect(lines).toMatchObject({
      'Cloud Run requests': 0.4,
      // 220,000 vCPU-s × 0.000024
      'Cloud Run CPU': 5.28,
      // 40,000 GiB-s × 0.0000025
      'Cloud Run memory': 0.1,
      'Egress from North America': 0.12,
    })
    expect(lines['Container images']).toBeCloseTo((2 * (372 / 744) - 0.5) * 0.1, 6)
  })
})
