import type { DemandAnswer } from '../../../catalog/demand.ts'
import type { DemandContext, ResourceRule } from '../../contract/engine.ts'
import { amount, atMost, least, MONTH_S, takes, unsafe } from '../../demand/answer.ts'
import { numberAt, textAt } from '../../demand/inputs.ts'
import { ruleById } from '../../demand/rule.ts'

type Inputs = Record<string, unknown>

const HOUR_S = 3600
/** Requests a second for each unit of concurrency, and the largest answer that is not streamed: Lambda's page of quotas. */
const PER_SECOND = 10
const ANSWER_MB = 6
/** What code sends on its own account has no documented limit; a copy's network was measured at 600 Mbit/s by others. */
const SENT_MB_PER_S = 75

export const lambda: Record<string, ResourceRule> = {
  'aws:lambda/function:Function': ruleById('aws:lambda/function:Function', (inputs) => textAt(inputs, 'name') ?? null, {
    tagged: 'tags',
    // Reserved to none it is throttled whole, which AWS itself names as the way to stop one.
    suspended: (inputs) => ({ ...inputs, reservedConcurrentExecutions: 0 }),
    demand: functionDemand,
  }),
  'aws:lambda/functionUrl:FunctionUrl': ruleById(
    'aws:lambda/functionUrl:FunctionUrl',
    (inputs) => textAt(inputs, 'functionName') ?? null,
    {
      demand: () => takes(),
    },
  ),
  'aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig': ruleById(
    'aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig',
    (inputs) => textAt(inputs, 'functionName') ?? null,
    { demand: () => takes() },
  ),
  'aws:lambda/permission:Permission': ruleById('aws:lambda/permission:Permission', permissionId, {
    demand: () => takes(),
  }),
  'aws:lambda/alias:Alias': ruleById(
    'aws:lambda/alias:Alias',
    (inputs) => pair(textAt(inputs, 'functionName'), textAt(inputs, 'name')),
    {
      demand: () => takes(),
    },
  ),
}

function functionDemand(inputs: Inputs, context: DemandContext): DemandAnswer {
  const concurrency = numberAt(inputs, 'reservedConcurrentExecutions')
  if (concurrency === undefined) return unsafe('reservedConcurrentExecutions', undefined, 'a number')
  const memory = numberAt(inputs, 'memorySize') ?? 128
  const timeout = numberAt(inputs, 'timeout') ?? 3
  const gigabytes = memory / 1024
  const { requests, egressMb } = context.expect
  return takes(
    atMost(
      amount('aws-lambda.requests', requests, 'watched', `${requests} requests expected a month`),
      concurrency * PER_SECOND * HOUR_S,
    ),
    atMost(
      least(
        amount(
          'aws-lambda.compute',
          concurrency * gigabytes * MONTH_S,
          'proven',
          `${concurrency} at once × ${gigabytes} GB × ${MONTH_S} s`,
        ),
        amount(
          'aws-lambda.compute',
          requests * timeout * gigabytes,
          'watched',
          `${requests} requests × ${timeout} s × ${gigabytes} GB`,
        ),
      ),
      concurrency * gigabytes * HOUR_S,
    ),
    atMost(
      amount('aws-egress.internet-egress', egressMb / 1000, 'watched', `${egressMb} MB expected a month`),
      (concurrency * (PER_SECOND * ANSWER_MB + SENT_MB_PER_S) * HOUR_S) / 1000,
    ),
  )
}

function permissionId(inputs: Inputs): string | null {
  const fn = inputs.function
  return pair(typeof fn === 'string' ? fn : undefined, textAt(inputs, 'statementId'))
}

function pair(parent: string | undefined, name: string | undefined): string | null {
  return parent === undefined || name === undefined ? null : `${parent}/${name}`
}
