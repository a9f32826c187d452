import { z } from 'zod'
import { PipiError } from '../../../catalog/errors.ts'
import type { Found, Reading, ReadUsage, Usage, WatchContext } from '../../contract/watch.ts'
import { openManager } from './manager.ts'
import { METRICS, readMetric } from './metrics.ts'
import survey from './survey.ts'

type Manager = Awaited<ReturnType<typeof openManager>>

const detailsSchema = z.object({
  value: z.array(
    z.looseObject({
      properties: z.looseObject({
        cost: z.number().optional(),
        costInUSD: z.number().optional(),
        billingCurrency: z.string().optional(),
        billingCurrencyCode: z.string().optional(),
      }),
    }),
  ),
  nextLink: z.string().nullish(),
})
const MAX_PAGES = 50

/** Metrics are there within ten minutes of what they measure. */
const LAG_MS = 10 * 60_000
/** A million queries of metrics a month are free; looks every five minutes with so many resources stay below it. */
const MOST_RESOURCES = 50

/**
 * What Azure Monitor measured of what is carried here, and what the running month is charged with so far by the
 * platform's own details of use, which are hours late.
 */
export default (async (context) => {
  const manager = await openManager(context)
  return { readings: await readingsOf(context, manager), charged: await chargedIn(context, manager) }
}) satisfies ReadUsage

async function readingsOf(context: WatchContext, manager: Manager): Promise<Reading[]> {
  const types = new Set(METRICS.map((metric) => metric.type))
  const measured = (await survey(context)).filter((one) => types.has(one.type) && !isFunctionApp(one))
  if (measured.length > MOST_RESOURCES) {
    throw new PipiError('provider.failed', `${measured.length} resources are more than can be measured for free`, {
      hint: 'give the engine a subscription of its own',
    })
  }
  const readings: Reading[] = []
  for (const metric of METRICS) {
    const byResource: { id: string; amount: number }[] = []
    for (const one of measured.filter(({ type }) => type === metric.type))
      byResource.push({ id: one.id, amount: await readMetric(manager, one, metric, context.now) })
    const total = byResource.reduce((whole, one) => whole + one.amount, 0)
    readings.push({ meter: metric.meter, scope: '', total, byResource, until: context.now - LAG_MS })
  }
  return readings
}

/** The plan of functions is another one, and none is carried here. */
function isFunctionApp({ type, inputs }: Found): boolean {
  return type.endsWith(':WebApp') && String(inputs.kind ?? '').includes('functionapp')
}

async function chargedIn(context: WatchContext, manager: Manager): Promise<NonNullable<Usage['charged']>> {
  const first = `/subscriptions/${context.account.id}/providers/Microsoft.Consumption/usageDetails`
  let cost = 0
  let path: string | undefined = first
  for (let page = 0; path !== undefined && page < MAX_PAGES; page++) {
    const answer: z.infer<typeof detailsSchema> = await manager.get(path, '2023-05-01', detailsSchema)
    for (const { properties } of answer.value) cost += properties.costInUSD ?? properties.cost ?? 0
    path = answer.nextLink == null ? undefined : withoutVersion(answer.nextLink)
  }
  const rounded = Math.round(cost * 100) / 100
  return { usd: rounded, says: `details of use of the running month add up to ${rounded}` }
}

/** The next page as a path of ours; the version is added again. */
function withoutVersion(link: string): string {
  const { pathname, searchParams } = new URL(link)
  searchParams.delete('api-version')
  return `${pathname}?${searchParams}`
}
