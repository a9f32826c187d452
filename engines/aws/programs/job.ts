import { EventRule } from '@pulumi/aws/cloudwatch/eventRule.js'
import { EventTarget } from '@pulumi/aws/cloudwatch/eventTarget.js'
import { FunctionEventInvokeConfig } from '@pulumi/aws/lambda/functionEventInvokeConfig.js'
import { Permission } from '@pulumi/aws/lambda/permission.js'
import { output } from '@pulumi/pulumi'
import type { ProgramModule } from '../../contract/engine.ts'
import { toExpression } from '../schedule-expression.ts'
import { declareCode, packFor } from './declare-code.ts'

/** A function without an address, which a rule of EventBridge calls at its times, one run at once. */
export default {
  kind: 'job',
  pack: packFor,
  declare(context) {
    const { component, slug } = context
    const { name, memoryMb, timeoutS, schedule } = component
    const fn = declareCode(context, { memoryMb: Math.max(128, memoryMb), timeoutS, atOnce: 1 })
    // A failed run is not repeated: the next one comes by itself, and what is expected stays what the schedule says.
    const once = new FunctionEventInvokeConfig(`${name}-once`, {
      functionName: fn.name,
      maximumRetryAttempts: 0,
      maximumEventAgeInSeconds: 3600,
    })
    const rule = new EventRule(`${name}-times`, { name: slug, scheduleExpression: toExpression(schedule) })
    const permission = new Permission(`${name}-may-be-called`, {
      statementId: `${slug}-times`,
      function: fn.name,
      action: 'lambda:InvokeFunction',
      principal: 'events.amazonaws.com',
      sourceArn: rule.arn,
    })
    new EventTarget(
      `${name}-called`,
      {
        rule: rule.name,
        targetId: slug,
        arn: fn.arn,
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 3600 },
      },
      { dependsOn: [permission, once] },
    )
    return { url: output<string | undefined>(undefined), function: fn.arn, schedule: rule.scheduleExpression }
  },
} satisfies ProgramModule<'job'>
