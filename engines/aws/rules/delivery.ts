import type { DemandAnswer } from '../../../catalog/demand.ts'
import type { DemandContext, ResourceRule } from '../../contract/engine.ts'
import { amount, takes, unsafe } from '../../demand/answer.ts'
import { textAt, valueAt } from '../../demand/inputs.ts'
import { ruleById } from '../../demand/rule.ts'

type Inputs = Record<string, unknown>

export const delivery: Record<string, ResourceRule> = {
  'aws:cloudfront/distribution:Distribution': ruleById('aws:cloudfront/distribution:Distribution', () => null, {
    tagged: 'tags',
    demand: distributionDemand,
  }),
  'aws:cloudfront/function:Function': ruleById(
    'aws:cloudfront/function:Function',
    (inputs) => textAt(inputs, 'name') ?? null,
    {
      demand: (_inputs, context) =>
        takes(
          amount(
            'aws-cloudfront-payg.function-invocations',
            context.expect.requests,
            'watched',
            `${context.expect.requests} requests expected a month`,
          ),
        ),
    },
  ),
}

function distributionDemand(inputs: Inputs, context: DemandContext): DemandAnswer {
  if (inputs.webAclId !== undefined) return unsafe('webAclId', inputs.webAclId, 'none: a firewall is charged')
  if (valueAt(inputs, 'defaultCacheBehavior.realtimeLogConfigArn') !== undefined) {
    return unsafe('defaultCacheBehavior.realtimeLogConfigArn', true, 'none: real-time logs are charged')
  }
  const { requests, egressMb } = context.expect
  return takes(
    amount('aws-cloudfront-payg.requests', requests, 'watched', `${requests} requests expected a month`),
    amount('aws-cloudfront-payg.egress', egressMb / 1000, 'watched', `${egressMb} MB expected a month`),
  )
}
