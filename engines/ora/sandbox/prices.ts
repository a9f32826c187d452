import type { BilledAccount, BillLine, Json, StoredResource } from '../../../stacks/contract/sandbox.ts'

/**
 * The witness' price list for Oracle Cloud, USD. It is written by itself and shares nothing with the catalogue or the
 * rules: two books kept by two hands.
 */
const PRICE = {
  a1OcpuHour: 0.01,
  a1GbHour: 0.0015,
  otherOcpuHour: 0.03,
  otherGbHour: 0.002,
  diskGbMonth: 0.0255,
  balancerHour: 0.0113,
  ecpuHour: 0.336,
  databaseGbMonth: 0.1156,
  objectGbMonth: 0.0255,
  tenThousandRequests: 0.0034,
  outboundGb: 0.0085,
}
const FREE = {
  a1OcpuHours: 1500,
  a1GbHours: 9000,
  diskGb: 200,
  micros: 2,
  balancers: 1,
  objectGb: 10,
  requests: 50_000,
  outboundGb: 10_240,
}
const MICRO = 'VM.Standard.E2.1.Micro'
const HOUR = 3_600_000

/** What Oracle would charge the tenancy for the month of `now`, up to `now`. One that was never upgraded cannot be charged. */
export function bill(account: BilledAccount): BillLine[] {
  if (account.plan !== 'payg') return []
  const now = new Date(account.now)
  const start = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1)
  const monthHours = (Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1) - start) / HOUR
  const hours = (one: StoredResource): number =>
    Math.max(0, (Math.min(account.now, one.deletedAt ?? account.now) - Math.max(start, one.createdAt)) / HOUR)
  const of = (...types: string[]): StoredResource[] => account.resources.filter((one) => types.includes(one.type))

  const machines = of('oci:Core/instance:Instance')
  const a1 = machines.filter((one) => one.inputs.shape === 'VM.Standard.A1.Flex')
  const others = machines.filter((one) => !a1.includes(one) && one.inputs.shape !== MICRO)
  const ocpuHours = sum(a1, (one) => hours(one) * size(one, 'ocpus', 1))
  const gbHours = sum(a1, (one) => hours(one) * size(one, 'memoryInGbs', 6))
  const microHours = sum(
    machines.filter((one) => one.inputs.shape === MICRO),
    hours,
  )
  const volumes = of('oci:Core/volume:Volume', 'oci:Core/bootVolume:BootVolume')
  const diskGbMonths =
    (sum(volumes, (one) => hours(one) * Number(one.inputs.sizeInGbs ?? 1024)) +
      sum(machines, (one) => hours(one) * bootGb(one))) /
    monthHours
  const balancerHours = sum(of('oci:LoadBalancer/loadBalancer:LoadBalancer'), hours)
  const month = new Date(start).toISOString().slice(0, 7)
  const used = (all: StoredResource[], of: 'requests' | 'egressBytes'): number =>
    sum(all, (one) => one.usage[month]?.[of] ?? 0)
  const buckets = of('oci:ObjectStorage/bucket:Bucket')
  const requests = used(buckets, 'requests')
  const outboundGb = used([...machines, ...buckets], 'egressBytes') / 1e9
  // What programs put there by themselves is not in this inventory: the engine's own objects are.
  const objectGbMonths =
    sum(of('oci:ObjectStorage/storageObject:StorageObject'), (one) => hours(one) * Number(one.outputs.contentLength)) /
    monthHours /
    1e9
  return [
    line('A1 OCPU', ocpuHours, 'OCPU-h', over(ocpuHours, FREE.a1OcpuHours) * PRICE.a1OcpuHour),
    line('A1 memory', gbHours, 'GB-h', over(gbHours, FREE.a1GbHours) * PRICE.a1GbHour),
    line('Micro', microHours, 'h', over(microHours, FREE.micros * monthHours) * PRICE.otherOcpuHour),
    line('Disks', diskGbMonths, 'GB-month', over(diskGbMonths, FREE.diskGb) * PRICE.diskGbMonth),
    line('Objects', objectGbMonths, 'GB-month', over(objectGbMonths, FREE.objectGb) * PRICE.objectGbMonth),
    line('Object requests', requests, 'request', (over(requests, FREE.requests) / 10_000) * PRICE.tenThousandRequests),
    line('Outbound', outboundGb, 'GB', over(outboundGb, FREE.outboundGb) * PRICE.outboundGb),
    line('Load balancers', balancerHours, 'h', over(balancerHours, FREE.balancers * monthHours) * PRICE.balancerHour),
    ...of('oci:Database/autonomousDatabase:AutonomousDatabase')
      .filter((one) => one.inputs.isFreeTier !== true)
      .map((one) => ({ ...databaseLine(one, hours(one), monthHours), resource: one.id })),
    ...others.map((one) => ({
      ...line(
        `Machine ${String(one.inputs.shape)}`,
        hours(one),
        'h',
        hours(one) * (size(one, 'ocpus', 1) * PRICE.otherOcpuHour + size(one, 'memoryInGbs', 16) * PRICE.otherGbHour),
      ),
      resource: one.id,
    })),
  ]
}

/** Processors while it runs, and its disk, which is a terabyte at least where nobody says less. */
function databaseLine({ inputs }: StoredResource, hours: number, monthHours: number): BillLine {
  const units = Number(inputs.computeCount ?? inputs.cpuCoreCount ?? 2)
  const gigabytes = Number(inputs.dataStorageSizeInGb ?? Number(inputs.dataStorageSizeInTbs ?? 1) * 1024)
  const running = inputs.state === 'STOPPED' ? 0 : hours * units * PRICE.ecpuHour
  const amount = running + (hours / monthHours) * gigabytes * PRICE.databaseGbMonth
  return line(`Autonomous database ${String(inputs.dbName)}`, hours, 'h', amount)
}

function size(one: StoredResource, key: string, otherwise: number): number {
  return Number(((one.inputs.shapeConfig ?? {}) as Json)[key] ?? otherwise)
}

function bootGb(one: StoredResource): number {
  return Number(((one.inputs.sourceDetails ?? {}) as Json).bootVolumeSizeInGbs ?? 47)
}

function sum(all: StoredResource[], of: (one: StoredResource) => number): number {
  return all.reduce((total, one) => total + of(one), 0)
}

function over(quantity: number, free: number): number {
  return Math.max(0, quantity - free)
}

function line(item: string, quantity: number, unit: string, amount: number): BillLine {
  return { resource: 'tenancy', item, quantity, unit, amount }
}
