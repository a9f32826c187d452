import { z } from 'zod'
import type { WatchContext } from '../../contract/watch.ts'
import { call, projectIn } from './call.ts'

export interface Metric {
  type: string
  /** Further conditions of the filter. */
  where?: string
  /** `ALIGN_SUM` for what is counted, `ALIGN_MEAN` for what is there. */
  aligner: 'ALIGN_SUM' | 'ALIGN_MEAN'
  /** Tells series apart by this label of the monitored resource. */
  by?: string
  /** Only these values of the label are told apart; what else there was is one series under an empty key. */
  among?: readonly string[]
  /** One point for each day with its mean, and their sum as the value; else one for the whole month. */
  daily?: true
  /** Of the running day (UTC) only. */
  today?: true
}

export interface Series {
  /** The label's value; empty in a total. */
  key: string
  value: number
}

/**
 * Series that one metric may give in a look. The first million series of a month are free of charge, and looks every
 * five minutes with seven metrics of so many each and seven totals (8928 × (7 × 15 + 7)) stay below it.
 */
export const MOST_SERIES = 15

const DAY_S = 86_400

const seriesSchema = z.object({
  timeSeries: z
    .array(
      z.object({
        resource: z.object({ labels: z.record(z.string(), z.string()).optional() }).optional(),
        points: z
          .array(
            z.object({ value: z.object({ int64Value: z.string().optional(), doubleValue: z.number().optional() }) }),
          )
          .optional(),
      }),
    )
    .optional(),
  nextPageToken: z.string().optional(),
})

/**
 * One metric since the running month began, as one number for each series. More series than are free to look at come
 * as their total, under an empty key.
 */
export async function readSeries(context: WatchContext, metric: Metric): Promise<Series[]> {
  const { by, among, ...whole } = metric
  if (by === undefined || among === undefined) {
    const told = await ask(context, metric)
    const more = told.nextPageToken !== undefined && told.nextPageToken !== ''
    return seriesOf(more && by !== undefined ? await ask(context, whole) : told, more ? {} : metric)
  }
  const total = seriesOf(await ask(context, whole), {}).reduce((sum, one) => sum + one.value, 0)
  if (among.length === 0 || among.length >= MOST_SERIES) return [{ key: '', value: total }]
  const values = among.map((value) => JSON.stringify(value)).join(', ')
  const where = [...(whole.where === undefined ? [] : [whole.where]), `resource.labels.${by} = one_of(${values})`]
  const apart = seriesOf(await ask(context, { ...whole, by, where: where.join(' AND ') }), metric)
  const rest = total - apart.reduce((sum, one) => sum + one.value, 0)
  return [...apart, { key: '', value: Math.max(0, rest) }]
}

async function ask(
  context: WatchContext,
  { type, where, aligner, by, daily, today }: Omit<Metric, 'by'> & { by?: string | undefined },
): Promise<z.infer<typeof seriesSchema>> {
  const from = today ? Math.floor(context.now / (DAY_S * 1000)) * DAY_S * 1000 : monthStart(context.now)
  const seconds = Math.max(60, Math.ceil((context.now - from) / 1000))
  const query = new URLSearchParams({
    filter: `metric.type = "${type}"${where === undefined ? '' : ` AND ${where}`}`,
    'interval.startTime': new Date(context.now - seconds * 1000).toISOString(),
    'interval.endTime': new Date(context.now).toISOString(),
    'aggregation.alignmentPeriod': `${daily ? DAY_S : seconds}s`,
    'aggregation.perSeriesAligner': aligner,
    'aggregation.crossSeriesReducer': 'REDUCE_SUM',
    ...(by === undefined ? {} : { 'aggregation.groupByFields': `resource.label.${by}` }),
    pageSize: String(MOST_SERIES),
  })
  const url = `https://monitoring.googleapis.com/v3/projects/${projectIn(context)}/timeSeries?${query}`
  return (await call(context, url, seriesSchema)) ?? {}
}

function seriesOf({ timeSeries = [] }: z.infer<typeof seriesSchema>, { by }: Pick<Metric, 'by'>): Series[] {
  return timeSeries.map(({ resource, points = [] }) => ({
    key: by === undefined ? '' : (resource?.labels?.[by] ?? ''),
    value: points.reduce((sum, { value }) => sum + Number(value.int64Value ?? value.doubleValue ?? 0), 0),
  }))
}

/** Milliseconds since 1970 at which the running month began, UTC. */
export function monthStart(now: number): number {
  const date = new Date(now)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
}
