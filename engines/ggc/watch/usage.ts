import type { Reading, ReadUsage, WatchContext } from '../../contract/watch.ts'
import { readBuilds } from './builds.ts'
import { listFunctions, placeOf } from './functions.ts'
import { readSeries, type Series } from './time-series.ts'

/** Metrics are there within four minutes of what they measure, most of them within three. */
const LAG_MS = 4 * 60_000
/** Bytes at rest are measured once a day. */
const DAILY_MS = 86_400_000
/** Of the longest month. */
const DAYS_A_MONTH = 31
const GIB = 2 ** 30

const RUN = 'run.googleapis.com'

/**
 * There is no counter of the free tier itself, so what was served is read from Cloud Monitoring: requests, allocated
 * CPU and memory, bytes sent, of each service; log lines; bytes at rest; and builds from Cloud Build.
 */
const usage: ReadUsage = async (context) => {
  // Measured per service; held per function, which carries the service's name.
  const ids = new Map((await listFunctions(context)).map(({ name }) => [placeOf(name).name, name]))
  // What has gone this month would take the place of what is there: it is in the total only.
  const service = { aligner: 'ALIGN_SUM', by: 'service_name', among: [...ids.keys()] } as const
  const requests = await readSeries(context, { ...service, type: `${RUN}/request_count` })
  const cpu = await readSeries(context, { ...service, type: `${RUN}/container/cpu/allocation_time` })
  const memory = await readSeries(context, { ...service, type: `${RUN}/container/memory/allocation_time` })
  const sent = await readSeries(context, {
    ...service,
    type: `${RUN}/container/network/sent_bytes_count`,
    where: 'metric.labels.kind = "internet"',
  })
  const lines = await readSeries(context, {
    type: 'logging.googleapis.com/billing/bytes_ingested',
    aligner: 'ALIGN_SUM',
  })
  const stored = await readSeries(context, {
    type: 'storage.googleapis.com/storage/total_bytes',
    aligner: 'ALIGN_MEAN',
    by: 'bucket_name',
    daily: true,
  })
  const images = await readSeries(context, {
    type: 'artifactregistry.googleapis.com/repository/size',
    aligner: 'ALIGN_MEAN',
    daily: true,
  })
  const of = (meter: string, series: Series[], factor = 1): Reading => readingOf(meter, series, factor, context, ids)
  const readings = [
    of('gcp-cloud-run.requests', requests),
    of('gcp-cloud-run.cpu', cpu),
    // Gigabytes taken for gibibytes: 7 % more than it was.
    of('gcp-cloud-run.memory', memory),
    of('gcp-cloud-run.egress-from-North-America', sent, 1e-9),
    // Functions of the second generation are named on both lists, so they are held and read on both.
    of('gcp-functions.invocations', requests),
    of('gcp-functions.memory', memory, 1.073742),
    of('gcp-functions.cpu', cpu, 2.4),
    of('gcp-logging.log-ingestion', lines, 1 / GIB),
    atRest('gcp-storage.storage', stored, context),
    atRest('gcp-artifact-registry.storage', images, context),
    await readBuilds(context),
  ]
  return { readings }
}

export default usage

function readingOf(
  meter: string,
  series: Series[],
  factor: number,
  { now }: WatchContext,
  ids: ReadonlyMap<string, string>,
): Reading {
  const total = series.reduce((sum, one) => sum + one.value * factor, 0)
  const byResource = series
    .filter((one) => one.key !== '')
    .map((one) => ({ id: ids.get(one.key) ?? one.key, amount: one.value * factor }))
  return { meter, scope: '', total, ...(byResource.length === 0 ? {} : { byResource }), until: now - LAG_MS }
}

/** GB-months of this month by now: what lay there on each of its days. */
function atRest(meter: string, series: Series[], { now }: WatchContext): Reading {
  const total = series.reduce((sum, one) => sum + one.value / 1e9 / DAYS_A_MONTH, 0)
  return { meter, scope: '', total, until: now - DAILY_MS }
}
