import { describe, expect, it } from 'vitest'
import { loadCatalog, loadPlatform } from '../../catalog/load.ts'
import { metersOf } from '../../catalog/meters.ts'
import { refusalOfStale, stalenessOf } from '../../catalog/staleness.ts'

async function limits(code: string, plan: string): Promise<Record<string, number | 'host'>> {
  return Object.fromEntries(metersOf(await loadPlatform(code), plan).map((meter) => [meter.id, meter.limit]))
}

describe('the meters of a plan', () => {
  it('are those of the plans it includes as well', async () => {
    for (const plan of ['free-plan', 'paid-plan', 'always-free']) {
      expect(await limits('aws', plan)).toMatchObject({
        'aws-lambda.requests': 1_000_000,
        'aws-lambda.compute': 400_000,
        'aws-egress.internet-egress': 100,
        'aws-cloudwatch.log-ingestion': 5,
        'aws-s3.storage': 0,
        'aws-ec2-free-plan.credit': 0,
      })
    }
    expect(await limits('ggc', 'free-tier')).toMatchObject({
      'gcp-cloud-run.requests': 2_000_000,
      'gcp-cloud-run.cpu': 180_000,
      'gcp-cloud-run.memory': 360_000,
      'gcp-functions.memory': 400_000,
      'gcp-storage.storage': 5,
      'gcp-artifact-registry.storage': 0.5,
    })
    expect(await limits('dgo', 'free-parts')).toMatchObject({
      'do-static-sites.apps': 3,
      'do-static-sites.transfer': 3,
    })
    expect(await limits('pip', 'own-host')).toEqual({
      'pip-host.memory': 'host',
      'pip-host.disk': 'host',
      'pip-host.ports': 'host',
    })
  })

  it('are 0 with the reason where nothing is free', async () => {
    for (const platform of (await loadCatalog()).values()) {
      for (const plan of platform.plans) {
        for (const meter of metersOf(platform, plan.id)) {
          if (meter.limit === 0) expect(meter.reason, `${plan.id} ${meter.id}`).toBeTruthy()
        }
      }
    }
  })

  it('give nothing on a plan that ended, on credits, in a trial window, or where the limit only might hold', async () => {
    const ended = await limits('aws', 'legacy-12-month')
    expect(new Set(Object.values(ended))).toEqual(new Set([0]))
    expect((await limits('aws', 'paid-plan'))['aws-lightsail.trial']).toBe(0)
    expect((await limits('aws', 'free-plan'))['aws-aurora-free-plan.capacity']).toBe(0)
    expect((await limits('ggc', 'free-tier'))['firebase-hosting.storage']).toBe(0)
  })

  it('exist for plans only that the platform has', async () => {
    const platform = await loadPlatform('aws')
    expect(() => metersOf(platform, 'gold')).toThrow(
      expect.objectContaining({ code: 'not-found', hint: expect.stringContaining('free-plan') }),
    )
  })
})

describe('facts past their date', () => {
  it('are granted upon until the last day and refused after it', async () => {
    const platform = await loadPlatform('aws')
    const checked = Date.parse(`${platform.checked}T00:00:00Z`)
    const last = checked + platform.goodForDays * 86_400_000
    expect(stalenessOf(platform, last)).toMatchObject({ stale: false, daysLeft: 0 })
    expect(refusalOfStale(platform, last)).toBeUndefined()
    expect(refusalOfStale(platform, last + 1)).toMatchObject({
      ok: false,
      code: 'lock.stale-facts',
      hint: expect.stringContaining('catalog/aws.yaml'),
    })
  })
})
