import type { Reading, ReadUsage, WatchContext } from '../../contract/watch.ts'
import { pathOf } from './assets.ts'
import { readBuilds } from './builds.ts'
import { listFunctions, placeOf } from './functions.ts'
import { listServices } from './services.ts'
import { readSeries, type Series } from './time-series.ts'

/** Metrics are there within four minutes of what they measure, most of them within three. */
const LAG_MS = 4 * 60_000
/** Bytes at rest are measured once a day. */
const DAILY_MS = 86_400_000
/** Of the longest month. */
const DAYS_A_MONTH = 31
const GIB = 2 ** 30

const RUN = 'run.googleapis.com'
const FIRESTORE = 'firestore.googleapis.com'
/** Calls of Cloud Storage that change or list something. */
const CLASS_A = '"WriteObject", "ListObjects", "ComposeObject", "RewriteObject", "CopyObject", "UpdateObject"'

/**
 * There is no counter of the free tier itself, so what was served is read from Cloud Monitoring: requests, allocated
 * CPU and memory, bytes sent, of each service; log lines; bytes at rest; calls of storage; documents of the running day;
 * and builds from Cloud Build.
 */
const usage: ReadUsage = async (context) => {
  // Measured per service; held per function, which carries the service's name, or per service where it stands alone.
  const alone = (await listServices(context)).map(pathOf)
  const ids = new Map(
    [...alone, ...(await listFunctions(context)).map(({ name }) => name)].map((id) => [placeOf(id).name, id]),
  )
  const notOfFunctions = new Set(alone.map((id) => placeOf(id).name))
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
  const stores = { type: 'storage.googleapis.com/api/request_count', aligner: 'ALIGN_SUM' } as const
  const calls = await readSeries(context, stores)
  const changes = await readSeries(context, { ...stores, where: `metric.labels.method = one_of(${CLASS_A})` })
  const documents = (kind: string) =>
    readSeries(context, { type: `${FIRESTORE}/document/${kind}_count`, aligner: 'ALIGN_SUM', today: true })
  const ofFunctions = (series: Series[]): Series[] => series.filter(({ key }) => !notOfFunctions.has(key))
  const of = (meter: string, series: Series[], factor = 1): Reading => readingOf(meter, series, factor, context, ids)
  const readings = [
    of('gcp-cloud-run.requests', requests),
    of('gcp-cloud-run.cpu', cpu),
    // Gigabytes taken for gibibytes: 7 % more than it was.
    of('gcp-cloud-run.memory', memory),
    of('gcp-cloud-run.egress-from-North-America', sent, 1e-9),
    // Functions of the second generation are named on both lists, so they are held and read on both.
    of('gcp-functions.invocations', ofFunctions(requests)),
    of('gcp-functions.memory', ofFunctions(memory), 1.073742),
    of('gcp-functions.cpu', ofFunctions(cpu), 2.4),
    of('gcp-logging.log-ingestion', lines, 1 / GIB),
    atRest('gcp-storage.storage', stored, context),
    atRest('gcp-artifact-registry.storage', images, context),
    of('gcp-storage.class-a', changes),
    // What is of neither class is free, and counted here.
    of('gcp-storage.class-b', [{ key: '', value: sumOf(calls) - sumOf(changes) }]),
    of('gcp-firestore.reads', await documents('read')),
    of('gcp-firestore.writes', await documents('write')),
    of('gcp-firestore.deletes', await documents('delete')),
    of(
      'gcp-firestore.storage',
      await readSeries(context, {
        type: `${FIRESTORE}/storage/data_and_index_storage_bytes`,
        aligner: 'ALIGN_MEAN',
        today: true,
      }),
      1 / GIB,
    ),
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
  const total = sumOf(series) * factor
  const byResource = series
    .filter((one) => one.key !== '')
    .map((one) => ({ id: ids.get(one.key) ?? one.key, amount: one.value * factor }))
  return { meter, scope: '', total, ...(byResource.length === 0 ? {} : { byResource }), until: now - LAG_MS }
}

function sumOf(series: Series[]): number {
  return series.reduce((sum, one) => sum + one.value, 0)
}

/** GB-months of this month by now: what lay there on each of its days. */
function atRest(meter: string, series: Series[], { now }: WatchContext): Reading {
  const total = series.reduce((sum, one) => sum + one.value / 1e9 / DAYS_A_MONTH, 0)
  return { meter, scope: '', total, until: now - DAILY_MS }
}
