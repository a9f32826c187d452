import type { BilledAccount, BillLine, StoredResource } from '../../../stacks/contract/sandbox.ts'
import { bucketOf, diskOf, hasAddress, isNorthAmerica, sizeOf, sizeOfObject, storageClassOf } from './sizes.ts'

/**
 * The witness' price list for Google Cloud, Iowa, USD. It is written by itself and shares nothing with the catalogue or
 * the rules: two books kept by two hands.
 */
const PRICE = {
  request: 0.4 / 1e6,
  vcpuSecond: 0.000024,
  gibSecond: 0.0000025,
  egressGb: 0.12,
  diskGbMonth: 0.04,
  inUseAddressHour: 0.005,
  classA: 0.05 / 1e4,
  coldGbMonth: 0.01,
  storageGbMonth: 0.02,
  storageGbMonthElsewhere: 0.026,
  imageGbMonth: 0.1,
  buildMinute: 0.006,
  e2MicroHour: 0.00838,
  otherInstanceHour: 0.1,
  addressHour: 0.01,
  logGib: 0.5,
  jobMonth: 0.1,
  documents: 0.09 / 1e5,
}

/** Given each month on a billing account, whatever else. */
const FREE = {
  requests: 2_000_000,
  vcpuSeconds: 180_000,
  gibSeconds: 360_000,
  egressGb: 1,
  storageGb: 5,
  classA: 5000,
  diskGb: 30,
  imageGb: 0.5,
  buildMinutes: 2500,
  e2MicroHours: 744,
  logGib: 50,
  jobs: 3,
  documentsADay: 20_000,
}

/** Where buckets and one e2-micro are free. */
const FREE_PLACES = new Set(['us-central1', 'us-east1', 'us-west1'])
const MONTH_HOURS = 744
/** A function's image, and the minutes that one build takes. */
export const IMAGE_GB = 0.09
export const BUILD_MINUTES = 2
/** A request leaves so much in the log by itself. */
export const LOG_BYTES_PER_REQUEST = 700

/** What Google would charge the billing account in the month of `now`, up to `now`. */
export function bill(account: BilledAccount): BillLine[] {
  const month = new Date(account.now).toISOString().slice(0, 7)
  const sum = {
    requests: 0,
    vcpuSeconds: 0,
    gibSeconds: 0,
    egressGb: 0,
    paidEgress: 0,
    classA: 0,
    diskGb: 0,
    paidDisk: 0,
    coldStorage: 0,
    storageGb: 0,
    paidStorage: 0,
    imageGb: 0,
    buildMinutes: 0,
    e2MicroHours: 0,
    jobMonths: 0,
    documents: 0,
  }
  const lines: BillLine[] = []
  for (const one of account.resources) {
    const hours = hoursThisMonth(one, account.now)
    switch (one.type) {
      case 'gcp:cloudrunv2/service:Service':
      case 'gcp:cloudfunctionsv2/function:Function': {
        const usage = one.usage[month]
        const size = sizeOf(one)
        sum.requests += usage?.requests ?? 0
        sum.vcpuSeconds += ((usage?.busyMs ?? 0) / 1000) * size.vcpu
        sum.gibSeconds += ((usage?.busyMs ?? 0) / 1000) * size.gib
        sum[isNorthAmerica(one) ? 'egressGb' : 'paidEgress'] += (usage?.egressBytes ?? 0) / 1e9
        lines.push(...standing(one, size, hours))
        if (one.type === 'gcp:cloudrunv2/service:Service') break
        sum.imageGb += IMAGE_GB * (hours / MONTH_HOURS)
        if (inMonth(one.createdAt, month)) sum.buildMinutes += BUILD_MINUTES
        break
      }
      case 'gcp-own:registry:Image':
        sum.imageGb += (Number(one.inputs.bytes) / 1e9) * (hours / MONTH_HOURS)
        break
      case 'gcp:storage/bucketObject:BucketObject': {
        const gb = (sizeOfObject(one) / 1e9) * (hours / MONTH_HOURS)
        const bucket = bucketOf(one, account.resources)
        if (inMonth(one.createdAt, month)) sum.classA += 1
        if (storageClassOf(one, bucket) !== 'STANDARD') sum.coldStorage += gb
        else if (FREE_PLACES.has(String(bucket?.inputs.location ?? '').toLowerCase())) sum.storageGb += gb
        else sum.paidStorage += gb
        break
      }
      case 'gcp:cloudscheduler/job:Job':
        sum.jobMonths += hours / MONTH_HOURS
        break
      case 'gcp:firestore/database:Database':
        // All as what is dearest and has the smallest allowance: writes.
        sum.documents += one.usage[month]?.requests ?? 0
        break
      case 'gcp:storage/bucket:Bucket':
        sum.classA += one.usage[month]?.requests ?? 0
        sum.egressGb += (one.usage[month]?.egressBytes ?? 0) / 1e9
        if (inMonth(one.createdAt, month)) sum.classA += 1
        break
      case 'gcp:compute/instance:Instance': {
        const free =
          one.inputs.machineType === 'e2-micro' && FREE_PLACES.has(String(one.outputs.zone).replace(/-[a-f]$/, ''))
        const disk = diskOf(one)
        const diskGb = disk.gb * (hours / MONTH_HOURS)
        sum[free && disk.standard ? 'diskGb' : 'paidDisk'] += diskGb
        if (hasAddress(one))
          lines.push(line(one.id, 'External address in use', hours, 'hour', hours * PRICE.inUseAddressHour))
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
    above('Egress from elsewhere', sum.paidEgress, 'GB', 0, PRICE.egressGb),
    above('Storage in a free region', sum.storageGb, 'GB-month', FREE.storageGb, PRICE.storageGbMonth),
    above('Storage elsewhere', sum.paidStorage, 'GB-month', 0, PRICE.storageGbMonthElsewhere),
    above('Storage of colder classes', sum.coldStorage, 'GB-month', 0, PRICE.coldGbMonth),
    above('Changes in storage', sum.classA, 'operation', FREE.classA, PRICE.classA),
    above('Standard disks', sum.diskGb, 'GB-month', FREE.diskGb, PRICE.diskGbMonth),
    above('Other disks', sum.paidDisk, 'GB-month', 0, PRICE.diskGbMonth),
    above('Container images', sum.imageGb, 'GB-month', FREE.imageGb, PRICE.imageGbMonth),
    above('Builds', sum.buildMinutes, 'minute', FREE.buildMinutes, PRICE.buildMinute),
    above('One e2-micro', sum.e2MicroHours, 'hour', FREE.e2MicroHours, PRICE.e2MicroHour),
    above('Logs', (sum.requests * LOG_BYTES_PER_REQUEST) / 2 ** 30, 'GiB', FREE.logGib, PRICE.logGib),
    above('Scheduler jobs', sum.jobMonths, 'job-month', FREE.jobs, PRICE.jobMonth),
    above(
      'Firestore documents',
      sum.documents,
      'document',
      FREE.documentsADay * daysUntil(account.now),
      PRICE.documents,
    ),
    ...lines,
  ]
}

/** Minimum instances are charged while they wait. */
function standing(fn: StoredResource, size: { vcpu: number; gib: number }, hours: number): BillLine[] {
  const service = (fn.inputs.serviceConfig ?? {}) as { minInstanceCount?: number }
  const template = (fn.inputs.template ?? {}) as { scaling?: { minInstanceCount?: number } }
  const least = service.minInstanceCount ?? template.scaling?.minInstanceCount ?? 0
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

function hoursThisMonth(resource: StoredResource, now: number): number {
  const date = new Date(now)
  const start = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
  const to = Math.min(now, resource.deletedAt ?? now)
  return Math.max(0, to - Math.max(start, resource.createdAt)) / 3_600_000
}

/** Days of the month that have begun. */
function daysUntil(now: number): number {
  return new Date(now).getUTCDate()
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
