import type { GuardRails } from '../contract/watch.ts'
import { declareByType } from '../parts/declare/by-type.ts'
import { quotaStatements } from './quota-statements.ts'

const NAME = 'pipi-guard-rails'

/**
 * A quota policy, which makes the platform itself refuse what would pass the free amounts, and a budget that sends an
 * alarm at the first cent. The quotas hold in each region of the tenancy, so one that bills should have its home
 * region only.
 */
export default {
  declare({ account, email, limits }) {
    const tenancy = account.id
    const statements = quotaStatements(limits)
    const quota = declareByType('oci:Limits/quota:Quota', 'quota', {
      compartmentId: tenancy,
      name: NAME,
      description: 'What is free and no more. Written by Pipi Engines.',
      statements,
    })
    const budget = declareByType('oci:Budget/budget:Budget', 'budget', {
      compartmentId: tenancy,
      displayName: NAME,
      description: 'Anything that costs is a mistake. Written by Pipi Engines.',
      targetType: 'COMPARTMENT',
      targets: [tenancy],
      amount: 1,
      resetPeriod: 'MONTHLY',
    })
    if (email !== undefined) {
      declareByType('oci:Budget/rule:Rule', 'alarm', {
        budgetId: budget.id,
        displayName: NAME,
        type: 'ACTUAL',
        threshold: 0.01,
        thresholdType: 'ABSOLUTE',
        recipients: email,
        message: 'Something in this tenancy costs money. Look at its cost analysis.',
      })
    }
    return {
      quota: quota.id,
      statements,
      budget: budget.id,
      alarm: email ?? 'none: nobody was named to send it to; the budget is shown in the console only',
      open: 'performance units, outbound traffic and services that charge by request pass a quota policy; the budget is looked at once a day',
    }
  },
} satisfies GuardRails
