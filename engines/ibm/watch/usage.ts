import { z } from 'zod'
import type { Reading, ReadUsage } from '../../contract/watch.ts'
import { keyDetails } from './account.ts'
import { call } from './call.ts'
import { quotasOf } from './registry.ts'

const metricSchema = z.looseObject({ metric: z.string(), unit: z.string().default(''), quantity: z.number() })
const usageSchema = z.looseObject({
  resources: z
    .array(
      z.looseObject({
        resource_id: z.string(),
        resource_name: z.string().default(''),
        billable_cost: z.number().default(0),
        plans: z.array(z.looseObject({ usage: z.array(metricSchema).default([]) })).default([]),
      }),
    )
    .default([]),
})
type Metric = z.infer<typeof metricSchema>

const DAY_MS = 86_400_000
/** Which metric is which meter: IBM's pages name what is counted, not its metrics, so words of their names are told apart. */
const METERS: [string, RegExp][] = [
  ['ibm-code-engine.cpu', /CPU|CORE/i],
  ['ibm-code-engine.memory', /MEMORY|GIGABYTE|GB/i],
  ['ibm-code-engine.requests', /REQUEST|CALL|HTTP/i],
]

/**
 * What the month's report says of Code Engine, a day behind, and what it will charge for everything; and what the
 * registries let through.
 */
const usage: ReadUsage = async (context) => {
  const account = (await keyDetails(context))?.account_id ?? context.account.id
  const month = new Date(context.now).toISOString().slice(0, 7)
  const url = `https://billing.cloud.ibm.com/v4/accounts/${account}/usage/${month}`
  // A month that has just begun has no report yet.
  const report = (await call(context, url, usageSchema)) ?? { resources: [] }
  const ours = report.resources.filter(
    ({ resource_id, resource_name }) => resource_id === 'codeengine' || /^code engine$/i.test(resource_name),
  )
  const metrics = ours.flatMap(({ plans }) => plans.flatMap((plan) => plan.usage))
  const until = Math.floor(context.now / DAY_MS) * DAY_MS
  const usd = report.resources.reduce((sum, one) => sum + one.billable_cost, 0)
  const pulled = (await quotasOf(context, account)).map(({ usage }) => usage.traffic_bytes)
  return {
    readings: [
      ...METERS.flatMap(([meter, name]) => readingOf(meter, name, metrics, until)),
      ...pullsOf(pulled, context.now),
    ],
    charged: { usd, says: `billable cost of all services in the report of ${month}` },
  }
}

export default usage

/** None where one registry does not say what it let through: then the sum is not known. */
function pullsOf(bytes: (number | undefined)[], until: number): Reading[] {
  const total = bytes.reduce((sum, one) => (sum === undefined || one === undefined ? undefined : sum + one), 0)
  return total === undefined ? [] : [{ meter: 'ibm-registry-free.pull-traffic', scope: '', total: total / 1e9, until }]
}

/** None where something of Code Engine was used and nothing of it has such a name: then it is not known. */
function readingOf(meter: string, name: RegExp, metrics: Metric[], until: number): Reading[] {
  const mine = metrics.filter((one) => METERS.find(([, pattern]) => pattern.test(one.metric))?.[1] === name)
  if (mine.length === 0 && metrics.length > 0) return []
  const total = mine.reduce((sum, { quantity, unit }) => sum + quantity * (/HOUR/i.test(unit) ? 3600 : 1), 0)
  return [{ meter, scope: '', total, until }]
}
