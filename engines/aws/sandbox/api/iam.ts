import type { ApiCall, ApiReply, World } from '../../../../stacks/contract/sandbox.ts'
import { decisionOn } from '../iam-wall.ts'
import { fault } from './json-call.ts'

/** IAM's simulator: what a principal's policies make of actions. */
export async function iam({ query }: ApiCall, world: World): Promise<ApiReply> {
  if (query.Action !== 'SimulatePrincipalPolicy')
    return fault(400, 'InvalidAction', `Could not find operation ${query.Action}`)
  const source = query.PolicySourceArn ?? ''
  const user = source.split(':user/')[1] ?? ''
  // Who owns the account and the roles that it made for its engine may do everything.
  const anything = user === 'owner' || source.includes(':role/')
  const actions = Object.entries(query).flatMap(([key, action]) =>
    key.startsWith('ActionNames.member.') ? [action] : [],
  )
  const EvaluationResults = await Promise.all(
    actions.map(async (EvalActionName) => ({
      EvalActionName,
      EvalResourceName: '*',
      EvalDecision: anything ? 'allowed' : await decisionOn(EvalActionName, user, world),
    })),
  )
  return {
    status: 200,
    body: {
      SimulatePrincipalPolicyResponse: { SimulatePrincipalPolicyResult: { EvaluationResults, IsTruncated: false } },
    },
  }
}
