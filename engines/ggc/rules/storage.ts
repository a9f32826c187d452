import type { DemandAnswer } from '../../../catalog/demand.ts'
import type { DemandContext, ResourceRule } from '../../contract/engine.ts'
import { amount, atMost, MONTH_H, takes } from '../../demand/answer.ts'
import { numberAt, textAt } from '../../demand/inputs.ts'
import { ruleById } from '../../demand/rule.ts'

type Inputs = Record<string, unknown>

/** A gigabyte a minute is what one function sends at most, at the 1 Gbit/s of Google's page on direct VPC egress. */
const SENT_GB_PER_HOUR = 0.125 * 3600
/** Only a function of the workspace's own reaches it: a thousand calls a second from one instance. An assumption of ours. */
const FUNCTION_CALLS_PER_HOUR = 1000 * 3600

/** The largest zip that `pack` lets travel. */
const OBJECT_GB = 0.052429
/** A bucket, and an object of one name, take one change a second (quotas of Cloud Storage). */
const CHANGES_PER_HOUR = 3600
/** Nobody but our own deployments and their builds can read it: not ten times a second, one after the other. */
const READS_PER_HOUR = 36_000

/** A label of a bucket that holds users' objects: how much it is meant to hold, MB. */
export const SIZE_LABEL = 'pipi-size-mb'

export const storage: Record<string, ResourceRule> = {
  'gcp:storage/bucket:Bucket': {
    ...ruleById('gcp:storage/bucket:Bucket', (inputs) => textAt(inputs, 'name') ?? null, {
      tagged: 'labels',
      stateful: true,
      demand: bucketDemand,
    }),
    // One of our programs' that is named so holds sources, which can be built again.
    disposable: (name) => name.endsWith('-bucket'),
  },
  'gcp:storage/bucketObject:BucketObject': {
    tagProperty: null,
    stateful: false,
    demand: objectDemand,
    lookup: (inputs) => ({ bucket: inputs.bucket ?? null, name: inputs.name ?? null }),
    // An object cannot be imported and need not be: writing the same name again puts the same bytes in its place.
    find: async () => undefined,
  },
  'gcp:storage/bucketIAMMember:BucketIAMMember': ruleById('gcp:storage/bucketIAMMember:BucketIAMMember', memberId, {
    demand: () => takes(),
  }),
}

function bucketDemand(inputs: Inputs, { expect }: DemandContext): DemandAnswer {
  const meant = numberAt(inputs, `labels.${SIZE_LABEL}`)
  const ours = atMost(
    amount('gcp-storage.class-a', 50, 'watched', 'listing and changing it, ten deployments a month'),
    CHANGES_PER_HOUR,
  )
  if (meant === undefined) return takes(ours)
  // An object is read with each request and written with each tenth one.
  const written = Math.ceil(expect.requests / 10)
  return takes(
    atMost(amount('gcp-storage.storage', meant / 1000, 'watched', `meant to hold ${meant} MB`), SENT_GB_PER_HOUR),
    atMost(
      amount('gcp-storage.class-a', 50 + written, 'watched', `${written} objects written a month`),
      FUNCTION_CALLS_PER_HOUR,
    ),
    atMost(
      amount('gcp-storage.class-b', expect.requests, 'watched', `${expect.requests} objects read a month`),
      FUNCTION_CALLS_PER_HOUR,
    ),
  )
}

function objectDemand(): DemandAnswer {
  return takes(
    // It replaces itself: at no moment is there more than one, and it takes its share of a month in each hour.
    atMost(amount('gcp-storage.storage', OBJECT_GB, 'watched', 'one zip of 50 MiB at most'), OBJECT_GB / MONTH_H),
    atMost(amount('gcp-storage.class-a', 10, 'watched', 'ten uploads a month'), CHANGES_PER_HOUR),
    atMost(amount('gcp-storage.class-b', 100, 'watched', 'ten builds a month that read it'), READS_PER_HOUR),
  )
}

function memberId(inputs: Inputs): string | null {
  const [bucket, role, member] = [textAt(inputs, 'bucket'), textAt(inputs, 'role'), textAt(inputs, 'member')]
  return bucket === undefined || role === undefined || member === undefined ? null : `b/${bucket} ${role} ${member}`
}
