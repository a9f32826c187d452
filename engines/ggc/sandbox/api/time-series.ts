import type { ApiCall, ApiReply, Json, MeteredResource, World } from '../../../../stacks/contract/sandbox.ts'
import { FUNCTION } from '../functions.ts'
import { projectOf } from '../identify.ts'
import { IMAGE_GB, LOG_BYTES_PER_REQUEST } from '../prices.ts'
import { sizeOf, sizeOfObject } from '../sizes.ts'
import { OBJECT } from '../storage.ts'
import { ok, page, refused } from './reply.ts'

interface Measured {
  /** The label by which series are told apart, and its value. */
  label: string
  key: string
  value: number
}

type Traffic = MeteredResource['days'][string]

const RUN = 'run.googleapis.com'

const METRICS: Record<string, (all: MeteredResource[]) => Measured[]> = {
  [`${RUN}/request_count`]: (all) => services(all, (_fn, of) => of.requests),
  [`${RUN}/container/cpu/allocation_time`]: (all) => services(all, (fn, of) => (of.busyMs / 1000) * sizeOf(fn).vcpu),
  [`${RUN}/container/memory/allocation_time`]: (all) => services(all, (fn, of) => (of.busyMs / 1000) * sizeOf(fn).gib),
  [`${RUN}/container/network/sent_bytes_count`]: (all) => services(all, (_fn, of) => of.egressBytes),
  'logging.googleapis.com/billing/bytes_ingested': (all) =>
    services(all, (_fn, of) => of.requests * LOG_BYTES_PER_REQUEST),
  'storage.googleapis.com/storage/total_bytes': (all) =>
    standing(all, OBJECT).map((one) => ({
      label: 'bucket_name',
      key: String(one.inputs.bucket),
      value: sizeOfObject(one),
    })),
  'artifactregistry.googleapis.com/repository/size': (all) =>
    standing(all, FUNCTION).map(() => ({ label: 'repository_id', key: 'gcf-artifacts', value: IMAGE_GB * 1e9 })),
}

/** Cloud Monitoring: one sum for each series, or one over all. */
export async function timeSeries({ path, query }: ApiCall, world: World): Promise<ApiReply> {
  if (path !== `/v3/projects/${projectOf(world.cloudAccount)}/timeSeries`)
    return refused(
      403,
      'PERMISSION_DENIED',
      'Permission monitoring.timeSeries.list denied (or the resource may not exist).',
    )
  const type = /metric\.type\s*=\s*"([^"]+)"/.exec(query.filter ?? '')?.[1] ?? ''
  if (!/Z$/.test(query['interval.endTime'] ?? ''))
    return refused(400, 'INVALID_ARGUMENT', 'Field interval.endTime is missing')
  const measured = METRICS[type]?.(await world.metered()) ?? []
  const by = /^resource\.labels?\.(\w+)$/.exec(query['aggregation.groupByFields'] ?? '')?.[1]
  const sums = new Map<string, number>()
  for (const { label, key, value } of measured) {
    const group = label === by ? key : ''
    sums.set(group, (sums.get(group) ?? 0) + value)
  }
  const { items, more } = page([...sums], { pageToken: query.pageToken, size: Number(query.pageSize ?? 1000) })
  const interval = { startTime: query['interval.startTime'], endTime: query['interval.endTime'] }
  const series = items.map(([key, value]): Json => {
    const labels = { project_id: projectOf(world.cloudAccount), ...(by === undefined ? {} : { [by]: key }) }
    return {
      metric: { type },
      resource: { type: 'global', labels },
      points: [{ interval, value: { doubleValue: value } }],
    }
  })
  return ok({ ...(series.length === 0 ? {} : { timeSeries: series }), ...more })
}

function services(all: MeteredResource[], value: (fn: MeteredResource, of: Traffic) => number): Measured[] {
  return all
    .filter((one) => one.type === FUNCTION)
    .flatMap((fn) =>
      Object.values(fn.days).map((of) => ({
        label: 'service_name',
        key: String(fn.outputs.name),
        value: value(fn, of),
      })),
    )
}

function standing(all: MeteredResource[], type: string): MeteredResource[] {
  return all.filter((one) => one.type === type && one.deletedAt === undefined)
}
