import type { BilledAccount, BillLine, Json, StoredResource } from '../../../stacks/contract/sandbox.ts'
import { beyondFree, hoursThisMonth, monthStart } from './bill-lines.ts'

const HOUR_MS = 3_600_000
const MONTH_MS = 31 * 24 * HOUR_MS
const INFREQUENT = 'STANDARD_INFREQUENT_ACCESS'

/** USD, us-east-1. A GB is 10⁹ bytes here, and an hour is taken as it comes: sooner than AWS would charge. */
const PRICE = { readUnitHour: 0.00013, writeUnitHour: 0.00065, gbMonth: 0.25, infrequentGbMonth: 0.1 }
/** In each region; for the class that is accessed infrequently there is none. */
const FREE = { units: 25, gb: 25 }

/** What tables cost in the month of `now`, region by region: the capacity that they are given, and what lies in them. */
export function billTables({ resources, now }: BilledAccount): BillLine[] {
  const tables = resources.filter((one) => one.type === 'aws:dynamodb/table:Table')
  const passed = now - monthStart(now)
  return [...new Set(tables.map(regionOf))].flatMap((region) => {
    const here = tables.filter((one) => regionOf(one) === region)
    const sum = (of: (table: StoredResource) => number) => here.reduce((total, one) => total + of(one), 0)
    const hours = (kind: 'read' | 'write') => sum((one) => unitsOf(one.inputs, kind) * hoursThisMonth(one, now))
    const gbMonths = (infrequent: boolean) =>
      sum((one) => ((one.inputs.tableClass === INFREQUENT) === infrequent ? gbMonthsOf(one, now) : 0))
    // The allowance is taken hour by hour, so that one unit too many shows at once.
    const freeHours = (FREE.units * passed) / HOUR_MS
    const freeGb = (FREE.gb * passed) / MONTH_MS
    return [
      beyondFree(`DynamoDB reads in ${region}`, hours('read'), 'RCU-hour', freeHours, PRICE.readUnitHour),
      beyondFree(`DynamoDB writes in ${region}`, hours('write'), 'WCU-hour', freeHours, PRICE.writeUnitHour),
      beyondFree(`DynamoDB storage in ${region}`, gbMonths(false), 'GB-month', freeGb, PRICE.gbMonth),
      beyondFree(
        `DynamoDB infrequently accessed storage in ${region}`,
        gbMonths(true),
        'GB-month',
        0,
        PRICE.infrequentGbMonth,
      ),
    ]
  })
}

function regionOf({ outputs }: StoredResource): string {
  return String(outputs.arn).split(':')[3] ?? ''
}

/** Of a table with its indexes. */
function unitsOf(inputs: Json, kind: 'read' | 'write'): number {
  if (inputs.billingMode === 'PAY_PER_REQUEST') return 0
  return [inputs, ...indexesOf(inputs)].reduce((sum, of) => sum + Number(of[`${kind}Capacity`] ?? 0), 0)
}

/** How much lay in it for how long this month; each index keeps a copy, at most of all. */
function gbMonthsOf({ inputs, stored = [], deletedAt, createdAt }: StoredResource, now: number): number {
  const start = Math.max(monthStart(now), createdAt)
  let byteMs = 0
  for (const [index, { at, bytes }] of stored.entries()) {
    const until = Math.min(now, deletedAt ?? now, stored[index + 1]?.at ?? now)
    byteMs += bytes * Math.max(0, until - Math.max(start, at))
  }
  return (byteMs * (1 + indexesOf(inputs).length)) / 1e9 / MONTH_MS
}

function indexesOf({ globalSecondaryIndexes, localSecondaryIndexes }: Json): Json[] {
  return [globalSecondaryIndexes, localSecondaryIndexes].flatMap((all) => (Array.isArray(all) ? (all as Json[]) : []))
}
