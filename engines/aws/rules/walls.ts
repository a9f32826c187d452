import type { ResourceRule } from '../../contract/engine.ts'
import { takes } from '../../demand/answer.ts'
import { textAt } from '../../demand/inputs.ts'
import { ruleById } from '../../demand/rule.ts'

const POLICY = 'aws:iam/policy:Policy'

/** Users and policies of IAM cost nothing. A policy's id is its ARN, which holds the account: AWS is asked for it. */
export const walls: Record<string, ResourceRule> = {
  'aws:iam/user:User': ruleById('aws:iam/user:User', (inputs) => textAt(inputs, 'name') ?? null, {
    tagged: 'tags',
    demand: () => takes(),
  }),
  'aws:iam/userPolicyAttachment:UserPolicyAttachment': ruleById(
    'aws:iam/userPolicyAttachment:UserPolicyAttachment',
    (inputs) => {
      const [user, policy] = [textAt(inputs, 'user'), textAt(inputs, 'policyArn')]
      return user === undefined || policy === undefined ? null : `${user}/${policy}`
    },
    { demand: () => takes() },
  ),
  [POLICY]: policyRule(),
}

function policyRule(): ResourceRule {
  const byArn = ruleById(POLICY, () => null, { tagged: 'tags', demand: () => takes() })
  return {
    ...byArn,
    lookup: (inputs) => ({ name: textAt(inputs, 'name') ?? null, path: textAt(inputs, 'path') ?? '/' }),
    async find({ name, path }, platform, owner) {
      if (typeof name !== 'string') return byArn.find({ id: null }, platform, owner)
      const { accountId } = await platform.invoke('aws:index/getCallerIdentity:getCallerIdentity', {})
      return byArn.find({ id: `arn:aws:iam::${String(accountId)}:policy${String(path)}${name}` }, platform, owner)
    },
  }
}
