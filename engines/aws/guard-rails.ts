import { Budget } from '@pulumi/aws/budgets/budget.js'
import { BudgetAction } from '@pulumi/aws/budgets/budgetAction.js'
import { Policy } from '@pulumi/aws/iam/policy.js'
import { Role } from '@pulumi/aws/iam/role.js'
import { RolePolicyAttachment } from '@pulumi/aws/iam/rolePolicyAttachment.js'
import { User } from '@pulumi/aws/iam/user.js'
import { UserPolicyAttachment } from '@pulumi/aws/iam/userPolicyAttachment.js'
import type { GuardRails, GuardRailsContext } from '../contract/watch.ts'
import { boundaryFor } from './guard-rails/boundary.ts'
import { FREEZE } from './guard-rails/freeze.ts'

const USER = 'pipi-engine'
const BUDGET = 'pipi-zero-spend'

/**
 * A user for the engine that can do nothing beyond the catalogue, a budget that sends an alarm at the first cent, and an
 * action on it that freezes that user. Whose keys the engine uses now cannot be walled in by themselves: their owner makes
 * a key for the new user and gives the engine that one.
 */
export default {
  declare(context) {
    const { account, email, limits, regions } = context
    const boundary = new Policy('boundary', {
      name: 'pipi-engine-boundary',
      description: 'The most that Pipi Engines may do: what has a free part, where it looks.',
      policy: JSON.stringify(boundaryFor(limits, regions)),
    })
    const user = new User('user', { name: USER, permissionsBoundary: boundary.arn })
    new UserPolicyAttachment('user-may', { user: user.name, policyArn: boundary.arn })
    const budget = new Budget('budget', {
      accountId: account.id,
      name: BUDGET,
      budgetType: 'COST',
      limitAmount: '0.01',
      limitUnit: 'USD',
      timeUnit: 'MONTHLY',
      // What credits pay for is spent as well.
      costTypes: { includeCredit: false, includeRefund: false },
      ...(email === undefined
        ? {}
        : {
            notifications: [
              {
                comparisonOperator: 'GREATER_THAN',
                notificationType: 'ACTUAL',
                threshold: 0,
                thresholdType: 'ABSOLUTE_VALUE',
                subscriberEmailAddresses: [email],
              },
            ],
          }),
    })
    if (email !== undefined) declareFreeze(context, email, { budget, user })
    return {
      user: user.arn,
      boundary: boundary.arn,
      budget: budget.name,
      freeze:
        email === undefined
          ? 'none: an action of a budget has to tell somebody, and nobody was named'
          : `at the first cent ${USER} can only look and delete`,
      next: `aws iam create-access-key --user-name ${USER}, then give the engine that key in place of its own`,
      open: 'a budget is looked at a few times a day, and AWS says itself that more may be spent before its alarm',
    }
  },
} satisfies GuardRails

/** Two budgets with an action are free. It needs a role that may do the one thing. */
function declareFreeze(
  { account }: GuardRailsContext,
  email: string,
  { budget, user }: { budget: Budget; user: User },
) {
  const policy = (name: string, description: string, document: unknown): Policy =>
    new Policy(name, { name: `pipi-${name}`, description, policy: JSON.stringify(document) })
  const freeze = policy('freeze', 'Set by a budget of Pipi Engines once money was spent.', FREEZE)
  const role = new Role('freezer', {
    name: 'pipi-freezer',
    assumeRolePolicy: JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: { Service: 'budgets.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': account.id } },
        },
      ],
    }),
  })
  const may = policy('freezer-may', 'Lets a budget freeze the engine, and nothing else.', {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: ['iam:AttachUserPolicy', 'iam:DetachUserPolicy'],
        Resource: `arn:aws:iam::${account.id}:user/${USER}`,
      },
    ],
  })
  const attached = new RolePolicyAttachment('freezer-is-allowed', { role: role.name, policyArn: may.arn })
  new BudgetAction(
    'freeze-at-a-cent',
    {
      accountId: account.id,
      budgetName: budget.name,
      actionType: 'APPLY_IAM_POLICY',
      approvalModel: 'AUTOMATIC',
      notificationType: 'ACTUAL',
      actionThreshold: { actionThresholdType: 'ABSOLUTE_VALUE', actionThresholdValue: 0.01 },
      definition: { iamActionDefinition: { policyArn: freeze.arn, users: [user.name] } },
      executionRoleArn: role.arn,
      subscribers: [{ subscriptionType: 'EMAIL', address: email }],
    },
    { dependsOn: [attached] },
  )
}
