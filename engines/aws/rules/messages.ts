import type { DemandAnswer } from '../../../catalog/demand.ts'
import type { DemandContext, ResourceRule } from '../../contract/engine.ts'
import { amount, takes, unbounded, unsafe } from '../../demand/answer.ts'
import { textAt } from '../../demand/inputs.ts'
import { ruleById } from '../../demand/rule.ts'

type Inputs = Record<string, unknown>

/** A message costs a send, a receive and a delete. */
const REQUESTS_PER_MESSAGE = 3

export const messages: Record<string, ResourceRule> = {
  'aws:sqs/queue:Queue': ruleById('aws:sqs/queue:Queue', () => null, {
    tagged: 'tags',
    stateful: true,
    demand: (_inputs, context) => perRequest('aws-sqs.requests', context, REQUESTS_PER_MESSAGE),
  }),
  'aws:sns/topic:Topic': ruleById('aws:sns/topic:Topic', () => null, {
    tagged: 'tags',
    demand: (_inputs, context) => perRequest('aws-sns.publishes', context, 1),
  }),
  'aws:sfn/stateMachine:StateMachine': ruleById('aws:sfn/stateMachine:StateMachine', () => null, {
    tagged: 'tags',
    demand: machineDemand,
  }),
}

function perRequest(meter: string, context: DemandContext, each: number): DemandAnswer {
  const { requests } = context.expect
  return takes(amount(meter, requests * each, 'watched', `${requests} requests expected a month × ${each}`))
}

function machineDemand(inputs: Inputs, context: DemandContext): DemandAnswer {
  const type = textAt(inputs, 'type') ?? 'STANDARD'
  if (type !== 'STANDARD') return unsafe('type', type, 'STANDARD')
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
    amount(
      'aws-step-functions.transitions',
      requests * (states.length + 1),
      'watched',
      `${requests} runs × ${states.length + 1} transitions`,
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
