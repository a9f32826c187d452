import type { DemandAnswer } from '../../../catalog/demand.ts'
import type { DemandContext, ResourceRule } from '../../contract/engine.ts'
import { amount, atMost, takes } from '../../demand/answer.ts'
import { textAt } from '../../demand/inputs.ts'
import { ruleById } from '../../demand/rule.ts'

type Inputs = Record<string, unknown>

/** 90,000 a minute and project (quotas of Secret Manager). */
const ACCESSES_PER_HOUR = 90_000 * 60
/** 4 GB a second are taken and 8 given out in the largest regions of a project (quotas of Pub/Sub). */
const PUBLISHED_GIB_PER_HOUR = (4e9 * 3600) / 2 ** 30
const DELIVERED_GIB_PER_HOUR = (8e9 * 3600) / 2 ** 30
/** A document kept for each hundred requests, of a kilobyte. */
const GIB_PER_REQUEST = 1 / 2 ** 20 / 100

/**
 * Firestore names no limit of its own. Only functions of the workspace's own reach it: a thousand documents a second from
 * one instance, and the 1 Gbit/s that it sends at most. An assumption of ours.
 */
const DOCUMENTS_PER_HOUR = 1000 * 3600
const WRITTEN_GIB_PER_HOUR = (0.125e9 * 3600) / 2 ** 30

export const data: Record<string, ResourceRule> = {
  'gcp:firestore/database:Database': ruleById(
    'gcp:firestore/database:Database',
    (inputs) => textAt(inputs, 'name') ?? null,
    {
      stateful: true,
      demand: firestoreDemand,
    },
  ),
  'gcp:pubsub/topic:Topic': ruleById('gcp:pubsub/topic:Topic', (inputs) => textAt(inputs, 'name') ?? null, {
    tagged: 'labels',
    demand: (_inputs, context) => throughput(context, 'published'),
  }),
  'gcp:pubsub/subscription:Subscription': ruleById(
    'gcp:pubsub/subscription:Subscription',
    (inputs) => textAt(inputs, 'name') ?? null,
    {
      tagged: 'labels',
      stateful: true,
      demand: (_inputs, context) => throughput(context, 'delivered'),
    },
  ),
  'gcp:secretmanager/secret:Secret': ruleById(
    'gcp:secretmanager/secret:Secret',
    (inputs) => textAt(inputs, 'secretId') ?? null,
    {
      tagged: 'labels',
      stateful: true,
      demand: () => takes(),
    },
  ),
  'gcp:secretmanager/secretVersion:SecretVersion': ruleById(
    'gcp:secretmanager/secretVersion:SecretVersion',
    () => null,
    {
      stateful: true,
      demand: (_inputs, context) =>
        takes(
          amount('gcp-secret-manager.active-versions', 1, 'proven', 'one version in one place'),
          atMost(
            amount('gcp-secret-manager.access', context.expect.requests / 10, 'watched', 'one access for ten requests'),
            ACCESSES_PER_HOUR,
          ),
        ),
    },
  ),
}

/** One free database: a second workspace has to wait, and is told so by the meter. */
function firestoreDemand(_inputs: Inputs, context: DemandContext): DemandAnswer {
  const { requests, egressMb } = context.expect
  // Limits are per day here: a day may see a tenth of the month.
  const daily = Math.ceil(requests / 10)
  return takes(
    amount('gcp-firestore.databases', 1, 'proven', 'the one free database of the project'),
    atMost(
      amount(
        'gcp-firestore.storage',
        requests * GIB_PER_REQUEST,
        'watched',
        `${requests} requests leave a document of 1 kB for each hundred`,
      ),
      WRITTEN_GIB_PER_HOUR,
    ),
    atMost(
      amount('gcp-firestore.reads', daily * 2, 'watched', `two documents read for each of ${daily} requests a day`),
      DOCUMENTS_PER_HOUR,
    ),
    atMost(
      amount('gcp-firestore.writes', daily, 'watched', `one document written for each of ${daily} requests a day`),
      DOCUMENTS_PER_HOUR,
    ),
    atMost(
      amount('gcp-firestore.egress', (egressMb * 1e6) / 2 ** 30, 'watched', `${egressMb} MB expected a month`),
      WRITTEN_GIB_PER_HOUR,
    ),
  )
}

function throughput(context: DemandContext, verb: 'published' | 'delivered'): DemandAnswer {
  const { requests } = context.expect
  return takes(
    atMost(
      amount(
        'gcp-pubsub.throughput',
        (requests * 1000) / 2 ** 30,
        'watched',
        `${requests} messages ${verb} × 1 kB at least`,
      ),
      verb === 'published' ? PUBLISHED_GIB_PER_HOUR : DELIVERED_GIB_PER_HOUR,
    ),
  )
}
