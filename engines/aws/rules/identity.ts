import type { ResourceRule } from '../../contract/engine.ts'
import { takes } from '../../demand/answer.ts'
import { textAt } from '../../demand/inputs.ts'
import { ruleById } from '../../demand/rule.ts'

/** Roles and policies cost nothing and have no monthly limit. */
export const identity: Record<string, ResourceRule> = {
  'aws:iam/role:Role': ruleById('aws:iam/role:Role', (inputs) => textAt(inputs, 'name') ?? null, {
    tagged: 'tags',
    demand: () => takes(),
  }),
  'aws:iam/rolePolicyAttachment:RolePolicyAttachment': ruleById(
    'aws:iam/rolePolicyAttachment:RolePolicyAttachment',
    attachmentId,
    {
      demand: () => takes(),
    },
  ),
  'aws:iam/rolePolicy:RolePolicy': ruleById('aws:iam/rolePolicy:RolePolicy', ownPolicyId, { demand: () => takes() }),
}

function ownPolicyId(inputs: Record<string, unknown>): string | null {
  const [role, name] = [textAt(inputs, 'role'), textAt(inputs, 'name')]
  return role === undefined || name === undefined ? null : `${role}:${name}`
}

function attachmentId(inputs: Record<string, unknown>): string | null {
  const role = inputs.role
  const policy = textAt(inputs, 'policyArn')
  return typeof role === 'string' && policy !== undefined ? `${role}/${policy}` : null
}
