import { describe, expect, it } from 'vitest'
import { refuses, rules } from '../../../engines/aws/rules.ts'
import { fromExpression, isExpressible, toExpression } from '../../../engines/aws/schedule-expression.ts'
import { parseSchedule } from '../../../engines/parts/schedule/cron.ts'
import { component } from '../use-cloud.ts'

describe('a schedule as EventBridge takes it', () => {
  it.each([
    ['* * * * *', 'cron(* * * * ? *)'],
    ['*/20 3 * * *', 'cron(0,20,40 3 * * ? *)'],
    ['15 3 * * 1', 'cron(15 3 ? * 2 *)'],
    ['0 0 * * 5-7', 'cron(0 0 ? * 1,6,7 *)'],
    ['0 12 1,15 6 *', 'cron(0 12 1,15 6 ? *)'],
  ])('says of "%s" the same: %s', (schedule, expression) => {
    expect(toExpression(schedule)).toBe(expression)
    expect(fromExpression(expression)).toEqual(parseSchedule(schedule))
  })

  it('is refused with a day of the month and a weekday at once, before anything is built', () => {
    expect(isExpressible('0 0 13 * 5')).toBe(false)
    const job = component({ kind: 'job', name: 'job', schedule: '0 0 13 * 5' })
    expect(refuses?.(job)).toContain('"0 0 13 * 5" gives both')
    expect(refuses?.({ ...job, schedule: '0 0 13 * *' })).toBeUndefined()
  })

  it('calls a function, and nothing that may cost by the call', () => {
    const context = { plan: 'free-plan', region: 'us-east-1', expect: { requests: 0, egressMb: 0 } }
    const target = rules['aws:cloudwatch/eventTarget:EventTarget']
    expect(target?.demand({ arn: 'arn:aws:lambda:us-east-1:1:function:f' }, context).ok).toBe(true)
    expect(target?.demand({ arn: 'arn:aws:events:us-east-1:2:event-bus/theirs' }, context)).toMatchObject({ ok: false })
  })

  it.each([
    'rate(5 minutes)',
    'cron(0 0 ? * MON *)',
    'cron(0 0 L * ? *)',
    'cron(0 0 * * ? 2027)',
    'cron(0 25 * * ? *)',
    'cron(0 0 * * * *)',
  ])('is not taken for known where it says %s', (expression) => {
    expect(fromExpression(expression)).toBeUndefined()
    const context = { plan: 'free-plan', region: 'us-east-1', expect: { requests: 0, egressMb: 0 } }
    expect(
      rules['aws:cloudwatch/eventRule:EventRule']?.demand({ scheduleExpression: expression }, context),
    ).toMatchObject({
      ok: false,
      code: 'lock.unsafe-input',
    })
  })
})
