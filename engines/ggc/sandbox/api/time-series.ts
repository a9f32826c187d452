import type { ApiCall, ApiReply, Json, MeteredResource, World } from '../../../../stacks/contract/sandbox.ts'
import { OWN } from '../../own-types.ts'
import { projectOf } from '../identify.ts'
import { IMAGE_GB, LOG_BYTES_PER_REQUEST } from '../prices.ts'
import { FUNCTION, SERVICE } from '../run-names.ts'
import { sizeOf, sizeOfObject } from '../sizes.ts'
import { OBJECT } from '../storage.ts'
import { ok, page, refused } from './reply.ts'
import { storedSeries } from './stored-series.ts'

export interface Measured {
  /** The label by which series are told apart, and its value. */
  label: string
  key: string
  value: number
  /** What is there, not counted: since when, and until when. */
  stood?: { from: number; to: number | undefined }
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
    all
      .filter(({ type }) => type === OBJECT)
      .map((one) => ({
        label: 'bucket_name',
        key: String(one.inputs.bucket),
        value: sizeOfObject(one),
        stood: { from: one.createdAt, to: one.deletedAt },
      })),
  'artifactregistry.googleapis.com/repository/size': (all) =>
    all
      .filter(({ type }) => type === FUNCTION || type === OWN.image)
      .map((one) => ({
        label: 'repository_id',
        // What functions are built into lies in one repository of Google's own.
        key: one.type === FUNCTION ? 'gcf-artifacts' : (one.id.split('/')[2] ?? ''),
        value: one.type === FUNCTION ? IMAGE_GB * 1e9 : Number(one.inputs.bytes),
        stood: { from: one.createdAt, to: one.deletedAt },
      })),
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
  const by = /^resource\.labels?\.(\w+)$/.exec(query['aggregation.groupByFields'] ?? '')?.[1]
  const span = { from: Date.parse(query['interval.startTime'] ?? ''), to: Date.parse(query['interval.endTime'] ?? '') }
  const measured = [
    ...(METRICS[type]?.(await world.metered()) ?? []),
    ...(await storedSeries(type, query.filter ?? '', span.from, world)),
  ]
  const periodMs = 1000 * Number.parseInt(query['aggregation.alignmentPeriod'] ?? '60', 10)
  const groups = new Map<string, number[]>()
  const [, filtered, list = ''] = /resource\.labels?\.(\w+)\s*=\s*one_of\(([^)]*)\)/.exec(query.filter ?? '') ?? []
  const among = new Set(list.split(',').map((value) => value.trim().replace(/^"|"$/g, '')))
  for (const one of measured) {
    if (filtered === one.label && !among.has(one.key)) continue
    const group = one.label === by ? one.key : ''
    const values = valuesOf(one, span, periodMs)
    const before = groups.get(group)
    groups.set(
      group,
      values.map((value, at) => value + (before?.[at] ?? 0)),
    )
  }
  const { items, more } = page([...groups], { pageToken: query.pageToken, size: Number(query.pageSize ?? 1000) })
  const series = items.map(([key, values]): Json => {
    const labels = { project_id: projectOf(world.cloudAccount), ...(by === undefined ? {} : { [by]: key }) }
    return {
      metric: { type },
      resource: { type: 'global', labels },
      points: values.map((value, at) => ({
        interval: {
          startTime: new Date(Math.max(span.from, span.to - (at + 1) * periodMs)).toISOString(),
          endTime: new Date(span.to - at * periodMs).toISOString(),
        },
        value: { doubleValue: value },
      })),
    }
  })
  return ok({ ...(series.length === 0 ? {} : { timeSeries: series }), ...more })
}

function services(all: MeteredResource[], value: (fn: MeteredResource, of: Traffic) => number): Measured[] {
  return all
    .filter(({ type }) => type === FUNCTION || type === SERVICE)
    .flatMap((fn) =>
      Object.values(fn.days).map((of) => ({
        label: 'service_name',
        key: String(fn.outputs.name),
        value: value(fn, of),
      })),
    )
}

/** The newest period first: what is counted in one sum, what is there by its mean in each. */
function valuesOf({ value, stood }: Measured, span: { from: number; to: number }, periodMs: number): number[] {
  if (stood === undefined) return [value]
  const values: number[] = []
  for (let end = span.to; end > span.from; end -= periodMs) {
    const [from, to] = [Math.max(span.from, end - periodMs), end]
    const there = Math.min(to, stood.to ?? to) - Math.max(from, stood.from)
    values.push((value * Math.max(0, there)) / periodMs)
  }
  return values
}
