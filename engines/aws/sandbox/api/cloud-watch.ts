import type { Json, MeteredResource, World } from '../../../../stacks/contract/sandbox.ts'
import { FUNCTION } from '../functions.ts'
import { LOG_GROUP } from '../logs.ts'
import { LOG_BYTES_PER_REQUEST } from '../prices.ts'
import { isIn, jsonService } from './json-call.ts'

type Traffic = MeteredResource['days'][string]

const METRICS: Record<string, (of: Traffic) => number> = {
  'AWS/Lambda Invocations': ({ requests }) => requests,
  'AWS/Lambda Duration': ({ busyMs }) => busyMs,
  'AWS/Logs IncomingBytes': ({ requests }) => requests * LOG_BYTES_PER_REQUEST,
}

/** Sums by day of what functions did, all of a region or one. Nobody switched the billing alerts on. */
export const cloudWatch = jsonService('GraniteServiceVersion20100801', {
  async GetMetricStatistics(asked, world) {
    const value = METRICS[`${asked.Namespace} ${asked.MetricName}`]
    if (value === undefined) return { Label: asked.MetricName, Datapoints: [] }
    const sums = new Map<string, number>()
    for (const one of await measured(asked, world)) {
      for (const [day, of] of Object.entries(one.days)) sums.set(day, (sums.get(day) ?? 0) + value(of))
    }
    const inside = (day: string) =>
      Date.parse(day) >= Number(asked.StartTime) * 1000 - 86_400_000 && Date.parse(day) <= Number(asked.EndTime) * 1000
    const points = [...sums].filter(([day]) => inside(day))
    return {
      Label: asked.MetricName,
      Datapoints: points.map(([day, Sum]) => ({ Timestamp: Date.parse(day) / 1000, Sum })),
    }
  },
})

async function measured({ Dimensions = [] }: Json, world: World): Promise<MeteredResource[]> {
  const functions = (await world.metered()).filter((one) => one.type === FUNCTION && isIn(world.region, one))
  const [dimension] = Dimensions as { Name?: string; Value?: string }[]
  if (dimension === undefined) return functions
  const name = dimension.Name === 'LogGroupName' ? dimension.Value?.replace('/aws/lambda/', '') : dimension.Value
  // What was written to a group is known also when it is gone.
  if (
    dimension.Name === 'LogGroupName' &&
    !(await world.metered()).some((one) => one.type === LOG_GROUP && one.id === dimension.Value)
  )
    return []
  return functions.filter((one) => one.id === name)
}
