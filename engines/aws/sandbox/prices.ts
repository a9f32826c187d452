import type { BilledAccount, BillLine, StoredResource } from '../../../stacks/contract/sandbox.ts'

/**
 * The witness' price list for AWS, us-east-1, USD. It is written by itself and shares nothing with the catalogue or the
 * rules: two books kept by two hands.
 */
const PRICE = {
  lambdaRequest: 0.2 / 1e6,
  lambdaGbSecond: { x86_64: 0.0000166667, arm64: 0.0000133334 },
  logGb: 0.5,
  egressGb: 0.09,
  instanceHour: { 't3.micro': 0.0104, 't3.small': 0.0228, 't2.micro': 0.0116 } as Record<string, number>,
  otherInstanceHour: 0.1,
  publicAddressHour: 0.005,
  bucketMonth: 0.023,
}

/** Given each month whatever the plan. */
const FREE = { lambdaRequests: 1_000_000, lambdaGbSeconds: 400_000, logGb: 5, egressGb: 100 }

/** A request leaves about half a kilobyte in the log by itself. */
const LOG_BYTES_PER_REQUEST = 512

/** What AWS would charge (or take from credits) in the month of `now`, up to `now`. */
export function bill(account: BilledAccount): BillLine[] {
  const functions = account.resources.filter((one) => one.type === 'aws:lambda/function:Function')
  const month = new Date(account.now).toISOString().slice(0, 7)
  const used = { requests: 0, gbSeconds: { x86_64: 0, arm64: 0 }, egress: 0 }
  for (const fn of functions) {
    const usage = fn.usage[month]
    if (usage === undefined) continue
    used.requests += usage.requests
    used.egress += usage.egressBytes / 1e9
    used.gbSeconds[architectureOf(fn)] += (usage.busyMs / 1000) * (Number(fn.outputs.memorySize ?? 128) / 1024)
  }
  // The allowance is one for both architectures; what is dearer uses it up first, so the bill is the worst it can be.
  const seconds = used.gbSeconds.arm64 + used.gbSeconds.x86_64
  const beyond = Math.max(0, seconds - FREE.lambdaGbSeconds)
  const dearer = Math.min(beyond, used.gbSeconds.x86_64)
  const compute = dearer * PRICE.lambdaGbSecond.x86_64 + (beyond - dearer) * PRICE.lambdaGbSecond.arm64
  return [
    line(
      'account',
      'Lambda requests',
      used.requests,
      'request',
      Math.max(0, used.requests - FREE.lambdaRequests) * PRICE.lambdaRequest,
    ),
    line('account', 'Lambda compute', seconds, 'GB-s', compute),
    beyondFree('CloudWatch logs ingested', (used.requests * LOG_BYTES_PER_REQUEST) / 1e9, FREE.logGb, PRICE.logGb),
    beyondFree('Data transfer out', used.egress, FREE.egressGb, PRICE.egressGb),
    ...account.resources.flatMap((one) => standing(one, account.now)),
  ]
}

function beyondFree(item: string, quantity: number, free: number, price: number): BillLine {
  return line('account', item, quantity, 'GB', Math.max(0, quantity - free) * price)
}

function standing(resource: StoredResource, now: number): BillLine[] {
  const hours = hoursThisMonth(resource, now)
  switch (resource.type) {
    case 'aws:ec2/instance:Instance': {
      const type = String(resource.outputs.instanceType ?? '')
      return [
        line(resource.id, `EC2 ${type}`, hours, 'hour', hours * (PRICE.instanceHour[type] ?? PRICE.otherInstanceHour)),
        line(resource.id, 'Public IPv4 address', hours, 'hour', hours * PRICE.publicAddressHour),
      ]
    }
    case 'aws:ec2/eip:Eip':
      return [line(resource.id, 'Public IPv4 address', hours, 'hour', hours * PRICE.publicAddressHour)]
    case 'aws:s3/bucket:Bucket':
      return hours === 0
        ? []
        : [line(resource.id, 'S3 Standard, one GB at least', hours, 'hour', (hours / 744) * PRICE.bucketMonth)]
    default:
      return []
  }
}

function hoursThisMonth(resource: StoredResource, now: number): number {
  const date = new Date(now)
  const start = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
  const from = Math.max(start, resource.createdAt)
  const to = Math.min(now, resource.deletedAt ?? now)
  return Math.max(0, to - from) / 3_600_000
}

function architectureOf(fn: StoredResource): 'x86_64' | 'arm64' {
  const architectures = fn.outputs.architectures
  return Array.isArray(architectures) && architectures[0] === 'arm64' ? 'arm64' : 'x86_64'
}

function line(resource: string, item: string, quantity: number, unit: string, amount: number): BillLine {
  return { resource, item, quantity, unit, amount }
}
