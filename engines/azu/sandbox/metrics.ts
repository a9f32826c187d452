import type { ApiReply, MeteredResource, World } from '../../../stacks/contract/sandbox.ts'

type Traffic = MeteredResource['days'][string]

/** What traffic makes of a metric. */
const OF_TRAFFIC: Record<string, (traffic: Traffic) => number> = {
  BytesSent: ({ egressBytes }) => egressBytes,
  SiteHits: ({ requests }) => requests,
  Requests: ({ requests }) => requests,
  CpuTime: ({ busyMs }) => busyMs / 1000,
}
/** What an empty database takes: nothing here fills one. */
const AT_REST: Record<string, number> = { free_amount_consumed: 0, storage: 32e6, DataUsage: 2e6, IndexUsage: 1e6 }

/** Azure Monitor: one value a day (or one for what is there) of each metric that was asked for. */
export async function metricsOf(resource: string, query: Record<string, string>, world: World): Promise<ApiReply> {
  const all = await world.metered()
  if (!all.some((one) => one.id === resource && one.deletedAt === undefined))
    return { status: 404, body: { error: { code: 'ResourceNotFound', message: `there is no ${resource}` } } }
  const [from = '', to = ''] = (query.timespan ?? '').split('/')
  const names = (query.metricnames ?? '').split(',')
  const unknown = names.find((name) => OF_TRAFFIC[name] === undefined && AT_REST[name] === undefined)
  if (unknown !== undefined || Number.isNaN(Date.parse(from)) || Number.isNaN(Date.parse(to)))
    return { status: 400, body: { error: { code: 'BadRequest', message: `no such metric or time: ${unknown}` } } }
  // An app answers with its content.
  const served = all.filter((one) => one.id === `${resource}/content`)
  const key = (query.aggregation ?? 'Total').toLowerCase()
  const value = names.map((name) => ({
    name: { value: name },
    timeseries: [{ data: pointsOf(name, served, from, to).map(([timeStamp, point]) => ({ timeStamp, [key]: point })) }],
  }))
  return { status: 200, body: { timespan: query.timespan, interval: query.interval, value } }
}

function pointsOf(name: string, served: MeteredResource[], from: string, to: string): [at: string, value: number][] {
  const ofTraffic = OF_TRAFFIC[name]
  if (ofTraffic === undefined) return [[to, AT_REST[name] ?? 0]]
  return served
    .flatMap(({ days }) => Object.entries(days))
    .filter(([day]) => day >= from.slice(0, 10) && day <= to.slice(0, 10))
    .map(([day, traffic]) => [`${day}T00:00:00Z`, ofTraffic(traffic)])
}
