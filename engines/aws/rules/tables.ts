import type { DemandAnswer } from '../../../catalog/demand.ts'
import type { DemandContext, ResourceRule } from '../../contract/engine.ts'
import { amount, atMost, MONTH_S, takes, unsafe } from '../../demand/answer.ts'
import { listAt, numberAt, textAt } from '../../demand/inputs.ts'
import { ruleById } from '../../demand/rule.ts'
import { regionOf } from './region.ts'

type Inputs = Record<string, unknown>

const HOUR_S = 3600
/** Capacity that was not used for up to five minutes may be used at once (DynamoDB's page on burst capacity). */
const BURST_S = 300

/** A tag of a table: how much it is meant to hold, MB. */
export const SIZE_TAG = 'pipi-size-mb'

export const tables: Record<string, ResourceRule> = {
  'aws:dynamodb/table:Table': ruleById('aws:dynamodb/table:Table', (inputs) => textAt(inputs, 'name') ?? null, {
    tagged: 'tags',
    stateful: true,
    demand: tableDemand,
  }),
  // A table has one policy, under the table's own ARN.
  'aws:dynamodb/resourcePolicy:ResourcePolicy': ruleById(
    'aws:dynamodb/resourcePolicy:ResourcePolicy',
    (inputs) => textAt(inputs, 'resourceArn') ?? null,
    { demand: () => takes() },
  ),
}

function tableDemand(inputs: Inputs, context: DemandContext): DemandAnswer {
  const capacities = [inputs, ...(listAt(inputs, 'globalSecondaryIndexes') as Inputs[])]
  const reads = sum(capacities, 'readCapacity')
  const writes = sum(capacities, 'writeCapacity')
  if (reads === undefined) return unsafe('readCapacity', undefined, '1 to 25, also in each index')
  if (writes === undefined) return unsafe('writeCapacity', undefined, '1 to 25, also in each index')
  const region = regionOf(inputs, context)
  const meant = numberAt(inputs, `tags.${SIZE_TAG}`)
  const stored = meant === undefined ? (writes * MONTH_S) / 1e6 : meant / 1000
  return takes(
    amount('aws-dynamodb.read-capacity', reads, 'proven', `${reads} provisioned; more is throttled`, region),
    amount('aws-dynamodb.write-capacity', writes, 'proven', `${writes} provisioned; more is throttled`, region),
    atMost(
      amount(
        'aws-dynamodb.storage',
        stored,
        'watched',
        meant === undefined ? `${writes} writes × 1 kB × ${MONTH_S} s, and it stays` : `meant to hold ${meant} MB`,
        region,
      ),
      (writes * (HOUR_S + BURST_S)) / 1e6,
    ),
  )
}

function sum(capacities: Inputs[], property: string): number | undefined {
  const numbers = capacities.map((of) => numberAt(of, property))
  return numbers.includes(undefined) ? undefined : numbers.reduce<number>((total, next) => total + (next ?? 0), 0)
}
