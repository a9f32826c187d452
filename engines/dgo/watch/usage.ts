import { z } from 'zod'
import type { Reading, ReadUsage, WatchContext } from '../../contract/watch.ts'
import { listApps } from './apps.ts'
import { call } from './call.ts'

const balanceSchema = z.object({ month_to_date_usage: z.string(), generated_at: z.string().optional() })
const bandwidthSchema = z.object({
  app_bandwidth_usage: z.array(z.object({ app_id: z.string(), bandwidth_bytes: z.string() })).nullish(),
})

const DAY_MS = 86_400_000
const GIB = 2 ** 30

/**
 * What the month will cost by now, which is what matters here: nothing is for free beyond a count of Apps. And the bytes
 * of each App by day, the days that are over. The platform counts neither Functions' time nor the registry for us.
 */
const usage: ReadUsage = async (context) => {
  const balance = await call(context, '/v2/customers/my/balance', balanceSchema)
  const usd = Number(balance?.month_to_date_usage ?? 0)
  return {
    readings: [await readTransfer(context)],
    charged: { usd, says: `month_to_date_usage of ${balance?.generated_at ?? 'the balance'}` },
  }
}

export default usage

async function readTransfer(context: WatchContext): Promise<Reading> {
  const ids = (await listApps(context)).map((one) => one.id)
  const today = Math.floor(context.now / DAY_MS) * DAY_MS
  const sums = new Map(ids.map((id) => [id, 0]))
  // An empty list of Apps would ask for all of them, which is refused.
  for (let day = monthStart(context.now); ids.length > 0 && day < today; day += DAY_MS) {
    const date = new Date(day).toISOString()
    const answer = await call(context, '/v2/apps/metrics/bandwidth_usage/daily', bandwidthSchema, {
      app_ids: ids,
      date,
    })
    for (const { app_id, bandwidth_bytes } of answer?.app_bandwidth_usage ?? [])
      sums.set(app_id, (sums.get(app_id) ?? 0) + Number(bandwidth_bytes) / GIB)
  }
  const byResource = [...sums].map(([id, amount]) => ({ id, amount }))
  const total = byResource.reduce((sum, one) => sum + one.amount, 0)
  return { meter: 'do-static-sites.transfer', scope: '', total, byResource, until: today }
}

function monthStart(now: number): number {
  const date = new Date(now)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
}
