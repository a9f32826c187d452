import type { DemandAnswer } from '../../../catalog/demand.ts'
import type { DemandContext, ResourceRule } from '../../contract/engine.ts'
import { amount, atMost, takes } from '../../demand/answer.ts'
import { textAt } from '../../demand/inputs.ts'
import { ruleById } from '../../demand/rule.ts'

type Inputs = Record<string, unknown>

/** What one distribution passes unless AWS was asked for more (quotas of CloudFront). */
const REQUESTS_PER_S = 250_000
const GBIT_PER_S = 150

export const delivery: Record<string, ResourceRule> = {
  'aws:cloudfront/distribution:Distribution': ruleById('aws:cloudfront/distribution:Distribution', () => null, {
    tagged: 'tags',
    demand: distributionDemand,
  }),
  'aws:cloudfront/function:Function': ruleById(
    'aws:cloudfront/function:Function',
    (inputs) => textAt(inputs, 'name') ?? null,
    {
      // Run for each request of every distribution that names it: nothing of its own bounds how often.
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

function distributionDemand(_inputs: Inputs, context: DemandContext): DemandAnswer {
  const { requests, egressMb } = context.expect
  return takes(
    atMost(
      amount('aws-cloudfront-payg.requests', requests, 'watched', `${requests} requests expected a month`),
      REQUESTS_PER_S * 3600,
    ),
    atMost(
      amount('aws-cloudfront-payg.egress', egressMb / 1000, 'watched', `${egressMb} MB expected a month`),
      (GBIT_PER_S / 8) * 3600,
    ),
  )
}
