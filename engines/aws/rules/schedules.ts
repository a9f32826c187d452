import type { DemandAnswer } from '../../../catalog/demand.ts'
import type { ResourceRule } from '../../contract/engine.ts'
import { amount, takes, unsafe } from '../../demand/answer.ts'
import { textAt } from '../../demand/inputs.ts'
import { ruleById } from '../../demand/rule.ts'
import { runsAMonth } from '../../parts/schedule/cron.ts'
import { fromExpression } from '../schedule-expression.ts'

type Inputs = Record<string, unknown>

export const schedules: Record<string, ResourceRule> = {
  'aws:cloudwatch/eventRule:EventRule': ruleById(
    'aws:cloudwatch/eventRule:EventRule',
    (inputs) => textAt(inputs, 'name') ?? null,
    {
      tagged: 'tags',
      suspended: (inputs) => ({ ...inputs, state: 'DISABLED' }),
      demand: ruleDemand,
    },
  ),
  'aws:cloudwatch/eventTarget:EventTarget': ruleById(
    'aws:cloudwatch/eventTarget:EventTarget',
    (inputs) => {
      const [rule, target] = [textAt(inputs, 'rule'), textAt(inputs, 'targetId')]
      return rule === undefined || target === undefined ? null : `${rule}/${target}`
    },
    { demand: targetDemand },
  ),
}

/** What it calls is not known before it is made; the guard asks again when it is. Other targets may cost by the call. */
function targetDemand(inputs: Inputs): DemandAnswer {
  const arn = textAt(inputs, 'arn')
  return arn === undefined || arn.startsWith('arn:aws:lambda:') ? takes() : unsafe('arn', arn, 'a function of Lambda')
}

/** The expression itself says how often it calls: nothing else does. */
function ruleDemand(inputs: Inputs): DemandAnswer {
  const expression = textAt(inputs, 'scheduleExpression')
  const schedule = expression === undefined ? undefined : fromExpression(expression)
  if (schedule === undefined) {
    return unsafe('scheduleExpression', expression, 'cron(…) with numbers in five fields and * for the year')
  }
  const runs = runsAMonth(schedule)
  return takes(
    amount('aws-eventbridge.scheduled-invocations', runs, 'proven', `${expression}: ${runs} times a month at most`),
  )
}
