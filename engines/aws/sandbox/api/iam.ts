import type { ApiCall, ApiReply, World } from '../../../../stacks/contract/sandbox.ts'
import { decisionOn } from '../iam-wall.ts'
import { fault } from './json-call.ts'

/** IAM's simulator: what a principal's policies make of one action. Who owns the account may do everything. */
export async function iam({ query }: ApiCall, world: World): Promise<ApiReply> {
  if (query.Action !== 'SimulatePrincipalPolicy')
    return fault(400, 'InvalidAction', `Could not find operation ${query.Action}`)
  const action = query['ActionNames.member.1'] ?? ''
  const user = query.PolicySourceArn?.split(':user/')[1] ?? ''
  const EvalDecision = user === 'owner' ? 'allowed' : await decisionOn(action, user, world)
  const EvaluationResults = [{ EvalActionName: action, EvalResourceName: '*', EvalDecision }]
  return {
    status: 200,
    body: {
      SimulatePrincipalPolicyResponse: { SimulatePrincipalPolicyResult: { EvaluationResults, IsTruncated: false } },
    },
  }
}
