import { z } from 'zod'
import type { WatchContext } from '../../contract/watch.ts'
import { callJson, type Operation } from './call.ts'

export interface Metric {
  namespace: string
  name: string
  dimension?: { Name: string; Value: string }
  statistic?: 'Sum' | 'Maximum'
}

const DAY_S = 86_400

const answerSchema = z.object({
  Datapoints: z.array(z.object({ Sum: z.number().optional(), Maximum: z.number().optional() })),
})

/**
 * One metric from the month's beginning up to now: the sum of its days, or the most there was. Undefined: nothing was
 * written. GetMetricStatistics is among the free million of requests a month, unlike GetMetricData, which is charged.
 */
export async function readMetric(
  context: WatchContext,
  region: string,
  { namespace, name, dimension, statistic = 'Sum' }: Metric,
): Promise<number | undefined> {
  const operation: Operation<z.infer<typeof answerSchema>> = {
    url: `https://monitoring.${region}.amazonaws.com/`,
    target: 'GraniteServiceVersion20100801.GetMetricStatistics',
    version: '1.0',
    answer: answerSchema,
  }
  const { Datapoints } = await callJson(context, operation, {
    Namespace: namespace,
    MetricName: name,
    ...(dimension === undefined ? {} : { Dimensions: [dimension] }),
    StartTime: monthStart(context.now) / 1000,
    EndTime: Math.ceil(context.now / 1000),
    Period: DAY_S,
    Statistics: [statistic],
  })
  const values = Datapoints.flatMap((point) => point[statistic] ?? [])
  if (values.length === 0) return undefined
  return statistic === 'Sum' ? values.reduce((sum, one) => sum + one, 0) : Math.max(...values)
}

/** Milliseconds since 1970 at which the running month began, UTC. */
function monthStart(now: number): number {
  const date = new Date(now)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
}
