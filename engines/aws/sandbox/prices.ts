import type { BilledAccount, BillLine, StoredResource } from '../../../stacks/contract/sandbox.ts'
import { beyondFree, hoursThisMonth, line, monthStart } from './bill-lines.ts'
import { billTables } from './bill-tables.ts'

const DAY_MS = 86_400_000
const STEPS = 31

/**
 * The witness' price list for AWS, us-east-1, USD. It is written by itself and shares nothing with the catalogue or the
 * rules: two books kept by two hands. What tables cost stands in `bill-tables.ts`.
 */
const PRICE = {
  lambdaRequest: 0.2 / 1e6,
  lambdaGbSecond: { x86_64: 0.0000166667, arm64: 0.0000133334 },
  logGb: 0.5,
  archiveGbMonth: 0.03,
  egressGb: 0.09,
  instanceHour: { 't3.micro': 0.0104, 't3.small': 0.0228, 't2.micro': 0.0116 } as Record<string, number>,
  otherInstanceHour: 0.1,
  publicAddressHour: 0.005,
  bucketMonth: 0.023,
  scheduledCall: 1 / 1e6,
}

/** Given each month whatever the plan. */
const FREE = {
  lambdaRequests: 1_000_000,
  lambdaGbSeconds: 400_000,
  logGb: 5,
  archiveGbMonths: 5,
  egressGb: 100,
  scheduledCalls: 14_000_000,
}

/** A request leaves about half a kilobyte in the log by itself. */
export const LOG_BYTES_PER_REQUEST = 512

export interface Used {
  requests: number
  gbSeconds: { x86_64: number; arm64: number }
  /** GB. */
  egress: number
  logGb: number
  /** GB-months of lines that were kept. */
  archiveGb: number
}

/** What functions used in the month of `now`, up to `now`. */
export function usedIn(resources: readonly StoredResource[], now: number): Used {
  const month = new Date(now).toISOString().slice(0, 7)
  const used: Used = { requests: 0, gbSeconds: { x86_64: 0, arm64: 0 }, egress: 0, logGb: 0, archiveGb: 0 }
  for (const fn of resources.filter((one) => one.type === 'aws:lambda/function:Function')) {
    const usage = fn.usage[month]
    used.archiveGb += archived(fn, resources, now)
    if (usage === undefined) continue
    used.requests += usage.requests
    used.egress += usage.egressBytes / 1e9
    used.gbSeconds[architectureOf(fn)] += (usage.busyMs / 1000) * (Number(fn.outputs.memorySize ?? 128) / 1024)
    used.logGb += (usage.requests * LOG_BYTES_PER_REQUEST) / 1e9
  }
  return used
}

/** What AWS would charge (or take from credits) in the month of `now`, up to `now`. */
export function bill(account: BilledAccount): BillLine[] {
  const used = usedIn(account.resources, account.now)
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
    beyondFree('CloudWatch logs ingested', used.logGb, 'GB', FREE.logGb, PRICE.logGb),
    beyondFree('CloudWatch logs kept', used.archiveGb, 'GB-month', FREE.archiveGbMonths, PRICE.archiveGbMonth),
    beyondFree('Data transfer out', used.egress, 'GB', FREE.egressGb, PRICE.egressGb),
    beyondFree('EventBridge scheduled calls', callsIn(account), 'call', FREE.scheduledCalls, PRICE.scheduledCall),
    ...billTables(account),
    ...account.resources.flatMap((one) => standing(one, account.now)),
  ]
}

/**
 * GB-months that a function's lines lay there this month. A group that Lambda made by itself, or without a retention,
 * keeps them for ever. Lines are spread evenly over the month in which they were written.
 */
function archived(fn: StoredResource, resources: readonly StoredResource[], now: number): number {
  const group = resources.find(
    (one) => one.type === 'aws:cloudwatch/logGroup:LogGroup' && one.id === `/aws/lambda/${fn.id}`,
  )
  const days = Number(group?.inputs.retentionInDays ?? 0)
  const keptMs = days > 0 ? days * DAY_MS : Number.POSITIVE_INFINITY
  const [start, end] = [monthStart(now), Math.min(now, group?.deletedAt ?? now)]
  let gbMonths = 0
  for (const [month, { requests }] of Object.entries(fn.usage)) {
    const from = Date.parse(`${month}-01T00:00:00Z`)
    const until = Math.min(now, fn.deletedAt ?? now, from + 31 * DAY_MS)
    let ms = 0
    for (let step = 0; step < STEPS; step += 1) {
      const written = from + ((until - from) * (step + 0.5)) / STEPS
      ms += Math.max(0, Math.min(end, written + keptMs) - Math.max(start, written)) / STEPS
    }
    gbMonths += ((requests * LOG_BYTES_PER_REQUEST) / 1e9) * (ms / (31 * DAY_MS))
  }
  return gbMonths
}

function callsIn({ resources, now }: BilledAccount): number {
  const month = new Date(now).toISOString().slice(0, 7)
  return resources
    .filter((one) => one.type === 'aws:cloudwatch/eventTarget:EventTarget')
    .reduce((sum, one) => sum + (one.usage[month]?.requests ?? 0), 0)
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

function architectureOf(fn: StoredResource): 'x86_64' | 'arm64' {
  const architectures = fn.outputs.architectures
  return Array.isArray(architectures) && architectures[0] === 'arm64' ? 'arm64' : 'x86_64'
}
