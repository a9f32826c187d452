import type { BilledAccount, BillLine, StoredResource } from '../../../stacks/contract/sandbox.ts'
import { APP, FUNCTION, INSTANCE, OTHER } from './types.ts'

const HOUR_MS = 3_600_000

/** The witness' own price list, USD, as of 2026: Code Engine's page of prices for Dallas. It shares nothing with anybody. */
const PRICE = {
  vcpuSecond: 0.00003431,
  gbSecond: 0.00000356,
  request: 0.538 / 1e6,
  /** Cloudant's Standard plan with its smallest capacity, an hour. */
  standardHour: 0.105,
  /** Any other service, at least. */
  otherHour: 0.01,
}
/** Of each month, for all regions together. */
const FREE = { vcpuSeconds: 100_000, gbSeconds: 200_000, requests: 100_000 }

export interface Used {
  vcpuSeconds: number
  gbSeconds: number
  requests: number
}

/** How long an instance of an app stays when nobody asks any more: about a minute, by the page on scaling. */
const STAYS_S = 60
/** Instances that a project can have, which is what an app has that was given no number. */
const MOST = 250

/** What functions and apps used in the month of `now`, up to `now`. */
export function usedIn(resources: readonly StoredResource[], now: number): Used {
  const month = new Date(now).toISOString().slice(0, 7)
  const used: Used = { vcpuSeconds: 0, gbSeconds: 0, requests: 0 }
  for (const fn of resources.filter((one) => one.type === FUNCTION)) {
    const { requests = 0, busyMs = 0 } = fn.usage[month] ?? {}
    used.requests += requests
    used.vcpuSeconds += (busyMs / 1000) * Number(fn.outputs.cpu ?? 1)
    used.gbSeconds += (busyMs / 1000) * Number(fn.outputs.memory ?? 4)
  }
  for (const app of resources.filter((one) => one.type === APP)) {
    const seconds = instanceSeconds(app, month, now)
    used.requests += app.usage[month]?.requests ?? 0
    used.vcpuSeconds += seconds * Number(app.inputs.scale_cpu_limit)
    used.gbSeconds += seconds * gigabytes(String(app.inputs.scale_memory_limit))
  }
  return used
}

/** Each request as if it came alone; but no app has more instances than it may, nor fewer than it must. */
function instanceSeconds(app: StoredResource, month: string, now: number): number {
  const { requests = 0, busyMs = 0 } = app.usage[month] ?? {}
  const lived = hoursThisMonth(app, now) * 3600
  const { scale_min_instances = 0, scale_max_instances = 10 } = app.inputs
  const asked = busyMs / 1000 + requests * STAYS_S
  return Math.max(lived * Number(scale_min_instances), Math.min(asked, lived * (Number(scale_max_instances) || MOST)))
}

function gigabytes(text: string): number {
  return Number.parseFloat(text) / (text.endsWith('M') ? 1000 : 1)
}

/** What IBM would charge in the month of `now`, up to `now`. */
export function bill({ resources, now }: BilledAccount): BillLine[] {
  const { vcpuSeconds, gbSeconds, requests } = usedIn(resources, now)
  return [
    beyond('Code Engine vCPU', vcpuSeconds, 'vCPU-s', FREE.vcpuSeconds, PRICE.vcpuSecond),
    beyond('Code Engine memory', gbSeconds, 'GB-s', FREE.gbSeconds, PRICE.gbSecond),
    beyond('Code Engine requests', requests, 'request', FREE.requests, PRICE.request),
    ...resources.flatMap((one) => standing(one, now)),
  ]
}

function beyond(item: string, quantity: number, unit: string, free: number, price: number): BillLine {
  return { resource: 'account', item, quantity, unit, amount: Math.max(0, quantity - free) * price }
}

function standing(one: StoredResource, now: number): BillLine[] {
  const [item, price] =
    one.type === OTHER
      ? [`${String(one.inputs.service)}, ${String(one.inputs.plan)}`, PRICE.otherHour]
      : one.type === INSTANCE && one.inputs.plan !== 'lite'
        ? ['Cloudant Standard', PRICE.standardHour]
        : []
  if (item === undefined || price === undefined) return []
  const hours = hoursThisMonth(one, now)
  return [{ resource: one.id, item, quantity: hours, unit: 'hour', amount: hours * price }]
}

function hoursThisMonth({ createdAt, deletedAt }: StoredResource, now: number): number {
  const date = new Date(now)
  const from = Math.max(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1), createdAt)
  return Math.max(0, Math.min(now, deletedAt ?? now) - from) / HOUR_MS
}
