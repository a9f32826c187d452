import { createHash } from 'node:crypto'
import type { Reading, ReadUsage, Usage, WatchContext } from '../../contract/watch.ts'
import { readFreeTier } from './free-tier.ts'
import { type FunctionConfiguration, listFunctions } from './functions.ts'
import { readMetric } from './metrics.ts'
import { bytesOf, describeTables } from './tables.ts'

/** The size of a table is brought up to date about every six hours. */
const SIZES_LAG_MS = 6 * 3_600_000
/** CloudWatch's figures come within a few minutes. */
const METRICS_LAG_MS = 5 * 60_000
/**
 * Questions to CloudWatch in one look: each counts as one of a million free requests a month, of which a look every
 * five minutes (8928 in 31 days) then takes 714,240 at most, which warns nobody. Of more functions than that, each look
 * draws those that it reads by lot. Never Cost Explorer: it charges for every question.
 */
const MOST_QUESTIONS = 80

interface Here {
  region: string
  functions: FunctionConfiguration[]
}

/**
 * The Free Tier's own counters for everything they count, a day behind; and for functions and their lines CloudWatch's
 * sums, minutes behind. What of the two is more holds.
 */
const usage: ReadUsage = async (context) => {
  const slow = await readFreeTier(context)
  const { readings: fast, charged } = await readMetrics(context)
  const meters = new Set([...slow, ...fast].map((one) => one.meter))
  const readings = [...meters].map((meter) =>
    more(
      slow.find((one) => one.meter === meter),
      fast.find((one) => one.meter === meter),
    ),
  )
  readings.push(...(await readSizes(context)))
  return { readings, ...(charged === undefined ? {} : { charged }) }
}

export default usage

/** What lies in tables, region by region. */
async function readSizes(context: WatchContext): Promise<Reading[]> {
  const readings: Reading[] = []
  for (const region of context.regions) {
    const tables = await describeTables(context, region)
    const byResource = tables.map(({ id, table }) => ({ id, amount: bytesOf(table) / 1e9 }))
    if (byResource.length === 0) continue
    const total = byResource.reduce((sum, one) => sum + one.amount, 0)
    readings.push({
      meter: 'aws-dynamodb.storage',
      scope: region,
      total,
      byResource,
      until: context.now - SIZES_LAG_MS,
    })
  }
  return readings
}

/** CloudWatch knows of us what is newest, the Free Tier everything: the larger total, told apart by resource. */
function more(slow: Reading | undefined, fast: Reading | undefined): Reading {
  if (slow === undefined || fast === undefined) return (slow ?? fast) as Reading
  return { ...fast, total: Math.max(slow.total, fast.total) }
}

async function readMetrics(context: WatchContext): Promise<Usage> {
  const places: Here[] = []
  for (const region of context.regions) places.push({ region, functions: await listFunctions(context, region) })
  const estimated = await readMetric(context, 'us-east-1', {
    namespace: 'AWS/Billing',
    name: 'EstimatedCharges',
    dimension: { Name: 'Currency', Value: 'USD' },
    statistic: 'Maximum',
  })
  const charged =
    estimated === undefined ? {} : { charged: { usd: estimated, says: 'CloudWatch AWS/Billing EstimatedCharges' } }
  let left = MOST_QUESTIONS - 1
  const sums = { requests: sum(), seconds: sum(), lines: sum() }
  /** Seconds by region. */
  const unread = new Map<string, number>()
  for (const { region } of places) {
    // Deleted functions are in the region's own sums.
    const [requests, duration, bytes] = await Promise.all([
      readMetric(context, region, { namespace: 'AWS/Lambda', name: 'Invocations' }),
      readMetric(context, region, { namespace: 'AWS/Lambda', name: 'Duration' }),
      readMetric(context, region, { namespace: 'AWS/Logs', name: 'IncomingBytes' }),
    ])
    sums.requests.total += requests ?? 0
    sums.lines.total += (bytes ?? 0) / 1e9
    unread.set(region, (duration ?? 0) / 1000)
    left -= 3
  }
  left -= await readGone(context, Math.floor(left / 2), sums)
  const all = places.flatMap(({ region, functions }) => functions.map((one) => ({ region, one })))
  const lot = byLot(all, context.now)
  for (const { region, one } of lot.slice(0, Math.max(0, Math.floor(left / 3)))) {
    const seconds = await readFunction(context, region, one, sums)
    unread.set(region, (unread.get(region) ?? 0) - seconds)
  }
  // CloudWatch sums durations, not gigabyte-seconds: what was not read by function is taken for the largest there is.
  for (const { region, functions } of places)
    sums.seconds.total += Math.max(0, unread.get(region) ?? 0) * Math.max(...functions.map(gigabytes), SMALLEST_GB)
  const until = context.now - METRICS_LAG_MS
  const readings: Reading[] = [
    { meter: 'aws-lambda.requests', scope: '', ...sums.requests, until },
    { meter: 'aws-lambda.compute', scope: '', ...sums.seconds, until },
    { meter: 'aws-cloudwatch.log-ingestion', scope: '', ...sums.lines, until },
  ]
  return { readings, ...charged }
}

interface Sum {
  total: number
  byResource: { id: string; amount: number }[]
}

function sum(): Sum {
  return { total: 0, byResource: [] }
}

/** Gives the seconds that it ran. */
async function readFunction(
  context: WatchContext,
  region: string,
  fn: FunctionConfiguration,
  sums: { requests: Sum; seconds: Sum; lines: Sum },
): Promise<number> {
  const id = fn.FunctionName
  const dimension = { Name: 'FunctionName', Value: id }
  const group = `/aws/lambda/${id}`
  const [requests, duration, bytes] = await Promise.all([
    readMetric(context, region, { namespace: 'AWS/Lambda', name: 'Invocations', dimension }),
    readMetric(context, region, { namespace: 'AWS/Lambda', name: 'Duration', dimension }),
    readMetric(context, region, {
      namespace: 'AWS/Logs',
      name: 'IncomingBytes',
      dimension: { Name: 'LogGroupName', Value: group },
    }),
  ])
  const seconds = (duration ?? 0) / 1000
  const compute = seconds * gigabytes(fn)
  sums.requests.byResource.push({ id, amount: requests ?? 0 })
  sums.seconds.byResource.push({ id, amount: compute })
  sums.seconds.total += compute
  sums.lines.byResource.push({ id: group, amount: (bytes ?? 0) / 1e9 })
  return seconds
}

const FUNCTION = 'aws:lambda/function:Function'
const LOG_GROUP = 'aws:cloudwatch/logGroup:LogGroup'

/**
 * CloudWatch knows what is gone by its name, and the region's own sums have it. Nothing tells the memory that a function
 * had: a second of it took no more than all of its copies could. Gives the questions that it took, `most` at most.
 */
async function readGone(
  context: WatchContext,
  most: number,
  sums: { requests: Sum; seconds: Sum; lines: Sum },
): Promise<number> {
  let asked = 0
  for (const { id, type, region, perHour } of context.gone ?? []) {
    if (asked + 2 > most) break
    if (type === FUNCTION) {
      const dimension = { Name: 'FunctionName', Value: id }
      asked += 2
      const [requests, duration] = await Promise.all([
        readMetric(context, region, { namespace: 'AWS/Lambda', name: 'Invocations', dimension }),
        readMetric(context, region, { namespace: 'AWS/Lambda', name: 'Duration', dimension }),
      ])
      sums.requests.byResource.push({ id, amount: requests ?? 0 })
      const hourly = perHour['aws-lambda.compute']
      if (hourly !== undefined) sums.seconds.byResource.push({ id, amount: ((duration ?? 0) / 1000) * (hourly / 3600) })
    } else if (type === LOG_GROUP) {
      const dimension = { Name: 'LogGroupName', Value: id }
      asked += 1
      const bytes = await readMetric(context, region, { namespace: 'AWS/Logs', name: 'IncomingBytes', dimension })
      sums.lines.byResource.push({ id, amount: (bytes ?? 0) / 1e9 })
    }
  }
  return asked
}

const SMALLEST_GB = 128 / 1024

function gigabytes({ MemorySize }: FunctionConfiguration): number {
  return MemorySize === undefined ? SMALLEST_GB : MemorySize / 1024
}

/** In an order that is another one each time, and that nobody has to remember. */
function byLot<T extends { one: FunctionConfiguration }>(all: readonly T[], now: number): T[] {
  const drawn = ({ one }: T) => createHash('sha256').update(`${now} ${one.FunctionName}`).digest('hex')
  return [...all].sort((a, b) => (drawn(a) < drawn(b) ? -1 : 1))
}
