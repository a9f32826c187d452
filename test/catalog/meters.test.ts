import { describe, expect, it } from 'vitest'
import { loadCatalog, loadPlatform } from '../../catalog/load.ts'
import { metersOf } from '../../catalog/meters.ts'
import { selfStops, stopsAtLimit } from '../../catalog/self-stops.ts'
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

describe('an account’s plan', () => {
  it.each([
    ['aws', 'free-plan', true],
    ['aws', 'paid-plan', false],
    ['ggc', 'free-trial', true],
    ['ggc', 'free-tier', false],
    ['ggc', 'firebase-spark', true],
    ['azu', 'free-account-credit', true],
    ['azu', 'always-free', false],
    ['ora', 'always-free-only', true],
    ['ora', 'payg', false],
    ['dgo', 'free-parts', false],
    ['cfl', 'workers-free', true],
    ['cfl', 'r2-subscription', false],
    ['net', 'free', true],
    ['ver', 'hobby', true],
    ['ren', 'hobby', false],
    ['zea', 'free', false],
    ['pip', 'own-host', true],
  ])('of %s, %s, stops by itself: %s', async (code, plan, stops) => {
    expect(selfStops(await loadPlatform(code), plan)).toBe(stops)
  })

  it('must be one of the platform’s', async () => {
    const platform = await loadPlatform('aws')
    expect(() => selfStops(platform, 'gold')).toThrow(expect.objectContaining({ code: 'not-found' }))
  })

  it('says what happens at a limit: some services stop on one plan and bill on another', async () => {
    const oracle = await loadPlatform('ora')
    const at = (plan: string) => metersOf(oracle, plan).find((meter) => meter.id === 'oci-block.boot+block')?.onLimit
    expect([at('always-free-only'), at('payg')]).toEqual(['blocked', 'bill'])
    const google = await loadPlatform('ggc')
    const firestore = google.services.find((service) => service.id === 'gcp-firestore')
    const pages = (await loadPlatform('cfl')).services.find((service) => service.id === 'cf-pages')
    if (firestore === undefined || pages === undefined) throw new Error('both are there')
    expect([stopsAtLimit('free-tier', firestore), stopsAtLimit('firebase-spark', firestore)]).toEqual([false, true])
    expect(stopsAtLimit('r2-subscription', pages)).toBe(true)
  })
})

describe('a price', () => {
  it.each([
    ['aws', 'aws-lambda.requests', 0.0000002],
    ['aws', 'aws-lambda.compute', 0.0000166667],
    // 0.00013 USD an hour for 744 hours
    ['aws', 'aws-dynamodb.read-capacity', 0.09672],
    ['aws', 'aws-egress.internet-egress', 0.09],
    ['ggc', 'gcp-cloud-run.cpu', 0.000024],
    ['ggc', 'gcp-storage.class-a', 0.000005],
    ['dgo', 'do-static-sites.apps', 3],
    ['ora', 'oci-a1.ocpu-hours', 0.01],
  ])('of one unit beyond the limit at %s, %s, is %d USD', async (code, id, usd) => {
    const platform = await loadPlatform(code)
    const meter = metersOf(platform, platform.plans[0]?.id ?? '').find((one) => one.id === id)
    expect(meter?.usdPerUnit).toBeCloseTo(usd, 12)
  })

  it('comes with a reader that costs nothing, and how far behind it is', async () => {
    for (const platform of (await loadCatalog()).values()) {
      for (const meter of metersOf(platform, platform.plans[0]?.id ?? '')) {
        if (meter.reader === undefined) continue
        expect(meter.reader.delayMinutes, meter.id).toBeGreaterThan(0)
        expect(platform.readers[meter.reader.id]?.usdPerCall, meter.id).toBe(0)
      }
    }
    const aws = await loadPlatform('aws')
    expect(aws.readers['cost-explorer']?.usdPerCall).toBe(0.01)
  })
})
