import type { GuardRails, GuardRailsContext } from '../contract/watch.ts'
import { declareByType } from '../parts/declare/by-type.ts'
import { policiesFor } from './policies.ts'

const NAME = 'pipi-guard-rails'
/** The built-in role "Owner". */
const OWNER_ROLE = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635'

/**
 * Policies with the effect "deny", by which the platform itself refuses what has no free part, is not in a free size or
 * stands where nobody looks; and a budget that tells the owners at the first cent. Only types with a place of their own
 * are looked at ("Indexed"), or parts that Azure adds by itself would be denied too.
 */
export default {
  declare(context) {
    const scope = `/subscriptions/${context.account.id}`
    const walls = policiesFor(context.limits, context.regions)
    for (const { name, says, denies } of walls) {
      const definition = declareByType('azure-native:authorization:PolicyDefinition', name, {
        policyDefinitionName: name,
        displayName: `Pipi Engines: ${says}`,
        policyType: 'Custom',
        mode: 'Indexed',
        // biome-ignore lint/suspicious/noThenProperty: the platform's own word; it holds no function
        policyRule: { if: denies, then: { effect: 'deny' } },
      })
      declareByType('azure-native:authorization:PolicyAssignment', `${name}-here`, {
        policyAssignmentName: name,
        displayName: `Pipi Engines: ${says}`,
        scope,
        policyDefinitionId: definition.id,
        enforcementMode: 'Default',
      })
    }
    const budget = alarm(context, scope)
    return {
      policies: walls.map((wall) => wall.name),
      budget,
      alarm: context.email ?? 'the owners of the subscription',
      open: 'use beyond the free part of what is allowed passes a policy; the budget is looked at a few times a day',
    }
  },
} satisfies GuardRails

/** A budget stops nothing: it tells the owners, through a group that can be given more to do by hand. */
function alarm({ region, email }: GuardRailsContext, scope: string): unknown {
  const group = declareByType('azure-native:resources:ResourceGroup', 'group', {
    resourceGroupName: NAME,
    location: region,
  })
  const action = declareByType(
    'azure-native:monitor:ActionGroup',
    'action',
    {
      actionGroupName: NAME,
      resourceGroupName: NAME,
      groupShortName: 'pipi',
      location: 'global',
      enabled: true,
      armRoleReceivers: [{ name: 'owners', roleId: OWNER_ROLE, useCommonAlertSchema: true }],
      ...(email === undefined
        ? {}
        : { emailReceivers: [{ name: 'alarm', emailAddress: email, useCommonAlertSchema: true }] }),
    },
    { dependsOn: [group] },
  )
  return declareByType(
    'azure-native:consumption:Budget',
    'budget',
    {
      budgetName: NAME,
      scope,
      amount: 1,
      category: 'Cost',
      timeGrain: 'Monthly',
      timePeriod: { startDate: firstOfMonth(new Date()) },
      notifications: {
        anything: {
          enabled: true,
          operator: 'GreaterThan',
          // Percent of the amount: a cent.
          threshold: 1,
          thresholdType: 'Actual',
          contactEmails: email === undefined ? [] : [email],
          contactRoles: ['Owner'],
          contactGroups: [action.id],
        },
      },
    },
    // It has to begin in the month in which it is made, and goes on from there.
    { ignoreChanges: ['timePeriod'] },
  ).id
}

function firstOfMonth(date: Date): string {
  return `${date.toISOString().slice(0, 7)}-01T00:00:00Z`
}
