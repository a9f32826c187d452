import { z } from 'zod'
import type { Found } from '../../contract/watch.ts'
import type { openManager } from './manager.ts'

/** One figure of a type that a meter counts. */
export interface Metric {
  type: string
  meter: string
  /** As Azure Monitor calls them; their values are added. */
  names: readonly string[]
  aggregation: 'Total' | 'Maximum'
  /** Since when it is added up; `now`: the highest of the last hour, of what is there. */
  since: 'month' | 'day' | 'now'
  /** From the metric's unit to the meter's. */
  factor: number
}

const SITE = 'azure-native:web:StaticSite'
const APP = 'azure-native:web:WebApp'
const SQL = 'azure-native:sql:Database'

/** What Azure Monitor measures of what is carried here. */
export const METRICS: readonly Metric[] = [
  { type: SITE, meter: 'azure-static-web-apps.bandwidth', names: ['BytesSent'], ...sum('month'), factor: 1e-9 },
  // Seconds of CPU, for a meter in minutes.
  { type: APP, meter: 'azure-app-service-f1.cpu', names: ['CpuTime'], ...sum('day'), factor: 1 / 60 },
  { type: APP, meter: 'azure-app-service-f1.egress', names: ['BytesSent'], ...sum('day'), factor: 1e-6 },
  { type: SQL, meter: 'azure-sql-free-offer.compute', names: ['free_amount_consumed'], ...most('month'), factor: 1 },
  { type: SQL, meter: 'azure-sql-free-offer.data', names: ['storage'], ...most('now'), factor: 1e-9 },
  {
    type: 'azure-native:cosmosdb:DatabaseAccount',
    meter: 'azure-cosmos-free.storage',
    names: ['DataUsage', 'IndexUsage'],
    ...sum('now'),
    factor: 1e-9,
  },
]

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

const answerSchema = z.object({
  value: z.array(
    z.looseObject({
      timeseries: z.array(
        z.looseObject({
          data: z.array(z.looseObject({ total: z.number().nullish(), maximum: z.number().nullish() })),
        }),
      ),
    }),
  ),
})

/** One metric of one resource, in the meter's unit. */
export async function readMetric(
  manager: Awaited<ReturnType<typeof openManager>>,
  { id }: Pick<Found, 'id'>,
  { names, aggregation, since, factor }: Metric,
  now: number,
): Promise<number> {
  const span = `${new Date(beginOf(since, now)).toISOString()}/${new Date(now).toISOString()}`
  const query = new URLSearchParams({
    metricnames: names.join(','),
    timespan: span,
    interval: since === 'now' ? 'PT5M' : 'P1D',
    aggregation,
  })
  const { value } = await manager.get(`${id}/providers/Microsoft.Insights/metrics?${query}`, '2023-10-01', answerSchema)
  const added = aggregation === 'Total' && since !== 'now'
  const ofOne = value.map(({ timeseries }) => {
    const points = timeseries.flatMap(({ data }) => data.map(({ total, maximum }) => total ?? maximum ?? 0))
    return added ? points.reduce((whole, point) => whole + point, 0) : Math.max(0, ...points)
  })
  return ofOne.reduce((whole, one) => whole + one, 0) * factor
}

function beginOf(since: Metric['since'], now: number): number {
  if (since === 'now') return now - HOUR_MS
  const date = new Date(now)
  const day = since === 'month' ? 1 : date.getUTCDate()
  return Math.min(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), day), now - DAY_MS / 1440)
}

function sum(since: Metric['since']): Pick<Metric, 'aggregation' | 'since'> {
  return { aggregation: 'Total', since }
}

function most(since: Metric['since']): Pick<Metric, 'aggregation' | 'since'> {
  return { aggregation: 'Maximum', since }
}
