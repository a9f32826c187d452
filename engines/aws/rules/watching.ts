import type { DemandAnswer } from '../../../catalog/demand.ts'
import type { DemandContext, ResourceRule } from '../../contract/engine.ts'
import { amount, atMost, takes, unsafe } from '../../demand/answer.ts'
import { numberAt, textAt } from '../../demand/inputs.ts'
import { ruleById } from '../../demand/rule.ts'

type Inputs = Record<string, unknown>

/** A function writes about this much per request by itself: start, end and report lines. */
const LOG_KB_PER_REQUEST = 1
/** 5,000 calls a second of 1 MiB each are the most that an account may write in one region (quotas of CloudWatch Logs). */
const LOG_GB_PER_HOUR = (5000 * 2 ** 20 * 3600) / 1e9

export const watching: Record<string, ResourceRule> = {
  'aws:cloudwatch/logGroup:LogGroup': ruleById(
    'aws:cloudwatch/logGroup:LogGroup',
    (inputs) => textAt(inputs, 'name') ?? null,
    {
      tagged: 'tags',
      demand: logDemand,
    },
  ),
  'aws:cloudwatch/metricAlarm:MetricAlarm': ruleById(
    'aws:cloudwatch/metricAlarm:MetricAlarm',
    (inputs) => textAt(inputs, 'name') ?? null,
    {
      tagged: 'tags',
      demand: () => takes(amount('aws-cloudwatch.alarms', 1, 'proven', 'one alarm')),
    },
  ),
  'aws:budgets/budget:Budget': ruleById('aws:budgets/budget:Budget', (inputs) => budgetId(inputs), {
    tagged: 'tags',
    demand: () => takes(),
  }),
  'aws:budgets/budgetAction:BudgetAction': ruleById('aws:budgets/budgetAction:BudgetAction', () => null, {
    tagged: 'tags',
    demand: () => takes(amount('aws-budgets.action-enabled-budgets', 1, 'proven', 'one budget with an action')),
  }),
}

function logDemand(inputs: Inputs, context: DemandContext): DemandAnswer {
  const days = numberAt(inputs, 'retentionInDays')
  if (days === undefined) return unsafe('retentionInDays', undefined, 'a number of days')
  const { requests } = context.expect
  const gigabytes = (requests * LOG_KB_PER_REQUEST) / 1e6
  const months = Math.max(1, Math.ceil(days / 31))
  return takes(
    atMost(
      amount('aws-cloudwatch.log-ingestion', gigabytes, 'watched', `${requests} requests × ${LOG_KB_PER_REQUEST} kB`),
      LOG_GB_PER_HOUR,
    ),
    atMost(
      amount(
        'aws-cloudwatch.log-archive',
        gigabytes * months,
        'watched',
        `${gigabytes} GB a month × ${months} month(s) kept`,
      ),
      LOG_GB_PER_HOUR,
    ),
  )
}

function budgetId(inputs: Inputs): string | null {
  const account = textAt(inputs, 'accountId')
  const name = textAt(inputs, 'name')
  return account === undefined || name === undefined ? null : `${account}:${name}`
}
