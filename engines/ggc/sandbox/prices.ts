import type { BilledAccount, BillLine, StoredResource } from '../../../stacks/contract/sandbox.ts'

/**
 * The witness' price list for Google Cloud, Iowa, USD. It is written by itself and shares nothing with the catalogue or
 * the rules: two books kept by two hands.
 */
const PRICE = {
  request: 0.4 / 1e6,
  vcpuSecond: 0.000024,
  gibSecond: 0.0000025,
  egressGb: 0.12,
  storageGbMonth: 0.02,
  storageGbMonthElsewhere: 0.026,
  imageGbMonth: 0.1,
  buildMinute: 0.006,
  e2MicroHour: 0.00838,
  otherInstanceHour: 0.1,
  addressHour: 0.01,
  logGib: 0.5,
}

/** Given each month on a billing account, whatever else. */
const FREE = {
  requests: 2_000_000,
  vcpuSeconds: 180_000,
  gibSeconds: 360_000,
  egressGb: 1,
  storageGb: 5,
  imageGb: 0.5,
  buildMinutes: 2500,
  e2MicroHours: 744,
  logGib: 50,
}

/** Where buckets and one e2-micro are free. */
const FREE_PLACES = new Set(['us-central1', 'us-east1', 'us-west1'])
const MONTH_HOURS = 744
/** A function's image, and the minutes that one build takes. */
const IMAGE_GB = 0.09
const BUILD_MINUTES = 2

/** What Google would charge the billing account in the month of `now`, up to `now`. */
export function bill(account: BilledAccount): BillLine[] {
  const month = new Date(account.now).toISOString().slice(0, 7)
  const sum = {
    requests: 0,
    vcpuSeconds: 0,
    gibSeconds: 0,
    egressGb: 0,
    storageGb: 0,
    paidStorage: 0,
    imageGb: 0,
    buildMinutes: 0,
    e2MicroHours: 0,
  }
  const lines: BillLine[] = []
  for (const one of account.resources) {
    const hours = hoursThisMonth(one, account.now)
    switch (one.type) {
      case 'gcp:cloudfunctionsv2/function:Function': {
        const usage = one.usage[month]
        const size = sizeOf(one)
        sum.requests += usage?.requests ?? 0
        sum.vcpuSeconds += ((usage?.busyMs ?? 0) / 1000) * size.vcpu
        sum.gibSeconds += ((usage?.busyMs ?? 0) / 1000) * size.gib
        sum.egressGb += (usage?.egressBytes ?? 0) / 1e9
        sum.imageGb += IMAGE_GB * (hours / MONTH_HOURS)
        if (inMonth(one.createdAt, month)) sum.buildMinutes += BUILD_MINUTES
        lines.push(...standing(one, size, hours))
        break
      }
      case 'gcp:storage/bucketObject:BucketObject': {
        const gb = (sizeOfObject(one) / 1e9) * (hours / MONTH_HOURS)
        if (FREE_PLACES.has(placeOf(one, account.resources))) sum.storageGb += gb
        else sum.paidStorage += gb
        break
      }
      case 'gcp:compute/instance:Instance': {
        const free =
          one.inputs.machineType === 'e2-micro' && FREE_PLACES.has(String(one.outputs.zone).replace(/-[a-f]$/, ''))
        if (free) sum.e2MicroHours += hours
        else
          lines.push(
            line(
              one.id,
              `Compute Engine ${String(one.inputs.machineType)}`,
              hours,
              'hour',
              hours * PRICE.otherInstanceHour,
            ),
          )
        break
      }
      case 'gcp:compute/address:Address':
        lines.push(line(one.id, 'External address', hours, 'hour', hours * PRICE.addressHour))
        break
    }
  }
  return [
    above('Cloud Run requests', sum.requests, 'request', FREE.requests, PRICE.request),
    above('Cloud Run CPU', sum.vcpuSeconds, 'vCPU-s', FREE.vcpuSeconds, PRICE.vcpuSecond),
    above('Cloud Run memory', sum.gibSeconds, 'GiB-s', FREE.gibSeconds, PRICE.gibSecond),
    above('Egress from North America', sum.egressGb, 'GB', FREE.egressGb, PRICE.egressGb),
    above('Storage in a free region', sum.storageGb, 'GB-month', FREE.storageGb, PRICE.storageGbMonth),
    above('Storage elsewhere', sum.paidStorage, 'GB-month', 0, PRICE.storageGbMonthElsewhere),
    above('Container images', sum.imageGb, 'GB-month', FREE.imageGb, PRICE.imageGbMonth),
    above('Builds', sum.buildMinutes, 'minute', FREE.buildMinutes, PRICE.buildMinute),
    above('One e2-micro', sum.e2MicroHours, 'hour', FREE.e2MicroHours, PRICE.e2MicroHour),
    above('Logs', (sum.requests * 700) / 2 ** 30, 'GiB', FREE.logGib, PRICE.logGib),
    ...lines,
  ]
}

/** Minimum instances are charged while they wait. */
function standing(fn: StoredResource, size: { vcpu: number; gib: number }, hours: number): BillLine[] {
  const service = (fn.inputs.serviceConfig ?? {}) as { minInstanceCount?: number }
  const least = service.minInstanceCount ?? 0
  if (least === 0) return []
  const seconds = hours * 3600 * least
  return [
    line(
      fn.id,
      'Minimum instances',
      seconds,
      's',
      seconds * (size.vcpu * PRICE.vcpuSecond + size.gib * PRICE.gibSecond),
    ),
  ]
}

function sizeOf(fn: StoredResource): { vcpu: number; gib: number } {
  const service = (fn.inputs.serviceConfig ?? {}) as { availableMemory?: string; availableCpu?: string }
  const match = /^(\d+)(M|Mi|G|Gi)$/.exec(service.availableMemory ?? '256M')
  const mib = Number(match?.[1] ?? 256) * (match?.[2]?.startsWith('G') === true ? 1024 : 1)
  const share = mib <= 128 ? 0.083 : mib <= 256 ? 0.167 : mib <= 512 ? 0.333 : mib <= 1024 ? 0.583 : mib <= 2048 ? 1 : 2
  return { vcpu: Number(service.availableCpu ?? share), gib: mib / 1024 }
}

function sizeOfObject(object: StoredResource): number {
  const source = object.inputs.source as { size?: number } | undefined
  return source?.size ?? String(object.inputs.content ?? '').length
}

function placeOf(object: StoredResource, all: StoredResource[]): string {
  const bucket = all.find((one) => one.type === 'gcp:storage/bucket:Bucket' && one.id === object.inputs.bucket)
  return String(bucket?.inputs.location ?? '').toLowerCase()
}

function hoursThisMonth(resource: StoredResource, now: number): number {
  const date = new Date(now)
  const start = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
  const to = Math.min(now, resource.deletedAt ?? now)
  return Math.max(0, to - Math.max(start, resource.createdAt)) / 3_600_000
}

function inMonth(at: number, month: string): boolean {
  return new Date(at).toISOString().startsWith(month)
}

function above(item: string, quantity: number, unit: string, free: number, price: number): BillLine {
  return line('account', item, quantity, unit, Math.max(0, quantity - free) * price)
}

function line(resource: string, item: string, quantity: number, unit: string, amount: number): BillLine {
  return { resource, item, quantity, unit, amount }
}
