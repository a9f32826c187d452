import type { DemandAnswer } from '../../../catalog/demand.ts'
import type { DemandContext, ResourceRule } from '../../contract/engine.ts'
import { amount, takes, unsafe } from '../../demand/answer.ts'
import { fillIn, listAt, numberAt, textAt } from '../../demand/inputs.ts'
import { ruleById } from '../../demand/rule.ts'

type Inputs = Record<string, unknown>

/** A function writes about this much per request by itself: start, end and report lines. */
const LOG_KB_PER_REQUEST = 1

export const watching: Record<string, ResourceRule> = {
  'aws:cloudwatch/logGroup:LogGroup': ruleById(
    'aws:cloudwatch/logGroup:LogGroup',
    (inputs) => textAt(inputs, 'name') ?? null,
    {
      tagged: 'tags',
      // Left out, lines are kept for ever and are charged for ever.
      safe: (inputs) => fillIn(inputs, { retentionInDays: 7 }),
      demand: logDemand,
    },
  ),
  'aws:cloudwatch/metricAlarm:MetricAlarm': ruleById(
    'aws:cloudwatch/metricAlarm:MetricAlarm',
    (inputs) => textAt(inputs, 'name') ?? null,
    {
      tagged: 'tags',
      demand: alarmDemand,
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
  if (days === undefined || days < 1 || days > 365)
    return unsafe('retentionInDays', inputs.retentionInDays, '1 to 365; 0 keeps lines for ever')
  const kind = textAt(inputs, 'logGroupClass') ?? 'STANDARD'
  if (kind !== 'STANDARD') return unsafe('logGroupClass', kind, 'STANDARD')
  const { requests } = context.expect
  const gigabytes = (requests * LOG_KB_PER_REQUEST) / 1e6
  const months = Math.max(1, Math.ceil(days / 31))
  return takes(
    amount('aws-cloudwatch.log-ingestion', gigabytes, 'watched', `${requests} requests × ${LOG_KB_PER_REQUEST} kB`),
    amount(
      'aws-cloudwatch.log-archive',
      gigabytes * months,
      'watched',
      `${gigabytes} GB a month × ${months} month(s) kept`,
    ),
  )
}

function alarmDemand(inputs: Inputs): DemandAnswer {
  const period = numberAt(inputs, 'period') ?? 60
  if (period < 60) return unsafe('period', period, '60 seconds or more; high resolution is charged')
  if (listAt(inputs, 'metricQueries').length > 0)
    return unsafe('metricQueries', inputs.metricQueries, 'one metric, by metricName')
  return takes(amount('aws-cloudwatch.alarms', 1, 'proven', 'one alarm'))
}

function budgetId(inputs: Inputs): string | null {
  const account = textAt(inputs, 'accountId')
  const name = textAt(inputs, 'name')
  return account === undefined || name === undefined ? null : `${account}:${name}`
}
