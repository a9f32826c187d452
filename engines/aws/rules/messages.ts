import type { Amount, DemandAnswer } from '../../../catalog/demand.ts'
import type { DemandContext, ResourceRule } from '../../contract/engine.ts'
import { amount, atMost, takes, unbounded, unsafe } from '../../demand/answer.ts'
import { textAt } from '../../demand/inputs.ts'
import { ruleById } from '../../demand/rule.ts'

type Inputs = Record<string, unknown>

/** A message costs a send, a receive and a delete. */
const REQUESTS_PER_MESSAGE = 3
/** 300 calls a second of each kind (quotas of SQS), a message of 1 MiB counted as 16 requests of 64 KiB. */
const FIFO_PER_HOUR = 300 * REQUESTS_PER_MESSAGE * 16 * 3600
/** 30,000 a second in the largest region (quotas of SNS), a message of 256 KiB counted as four. */
const SNS_PER_HOUR = 30_000 * 4 * 3600
/** 5,000 a second and as many saved up, in the largest regions (quotas of Step Functions). */
const TRANSITIONS_PER_HOUR = 5000 * 3600 + 5000

export const messages: Record<string, ResourceRule> = {
  'aws:sqs/queue:Queue': ruleById('aws:sqs/queue:Queue', () => null, {
    tagged: 'tags',
    stateful: true,
    demand: queueDemand,
  }),
  'aws:sns/topic:Topic': ruleById('aws:sns/topic:Topic', () => null, {
    tagged: 'tags',
    demand: (_inputs, context) => takes(atMost(perRequest('aws-sns.publishes', context, 1), SNS_PER_HOUR)),
  }),
  'aws:sfn/stateMachine:StateMachine': ruleById('aws:sfn/stateMachine:StateMachine', () => null, {
    tagged: 'tags',
    demand: machineDemand,
  }),
}

/** Standard queues have no throttle, so only watching bounds them; nor have FIFO queues of high throughput. */
function queueDemand(inputs: Inputs, context: DemandContext): DemandAnswer {
  const one = perRequest('aws-sqs.requests', context, REQUESTS_PER_MESSAGE)
  const throttled = inputs.fifoQueue === true && inputs.fifoThroughputLimit !== 'perMessageGroupId'
  return takes(throttled ? atMost(one, FIFO_PER_HOUR) : one)
}

function perRequest(meter: string, context: DemandContext, each: number): Amount {
  const { requests } = context.expect
  return amount(meter, requests * each, 'watched', `${requests} requests expected a month × ${each}`)
}

function machineDemand(inputs: Inputs, context: DemandContext): DemandAnswer {
  const states = statesOf(textAt(inputs, 'definition'))
  if (states === undefined) return unsafe('definition', undefined, 'a definition in JSON with its States')
  if (
    states.some(
      (state) =>
        typeof state === 'object' && state !== null && ['Map', 'Parallel'].includes(String((state as Inputs).Type)),
    )
  ) {
    return unbounded(
      'aws-step-functions.transitions',
      'a definition with Map or Parallel states runs as often as its data say',
      'use a plain chain of states',
    )
  }
  const { requests } = context.expect
  return takes(
    atMost(
      amount(
        'aws-step-functions.transitions',
        requests * (states.length + 1),
        'watched',
        `${requests} runs × ${states.length + 1} transitions`,
      ),
      TRANSITIONS_PER_HOUR,
    ),
  )
}

function statesOf(definition: string | undefined): unknown[] | undefined {
  if (definition === undefined) return undefined
  try {
    const states = (JSON.parse(definition) as Inputs).States
    return typeof states === 'object' && states !== null ? Object.values(states) : undefined
  } catch {
    // Not JSON: the caller says what is allowed.
    return undefined
  }
}
