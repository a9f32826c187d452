import { Budget } from '@pulumi/gcp/billing/budget.js'
import { NotificationChannel } from '@pulumi/gcp/monitoring/notificationChannel.js'
import { Service } from '@pulumi/gcp/projects/service.js'
import { ConsumerQuotaOverride } from '@pulumi/gcp/serviceusage/consumerQuotaOverride.js'
import type { GuardRails } from '../contract/watch.ts'
import { quotasFor } from './guard-rails/quotas.ts'

const COMPUTE = 'compute.googleapis.com'

/**
 * Quotas of Compute Engine lowered to the one free machine, by which Google itself refuses the rest, and a budget whose
 * alarm goes to the billing account's own people. Functions, storage and traffic have no quota that could hold them at what
 * is free.
 */
export default {
  declare({ account, email, limits }) {
    const budgets = new Service('budgets', { service: 'billingbudgets.googleapis.com', disableOnDestroy: false })
    const monitoring = new Service('monitoring', { service: 'monitoring.googleapis.com', disableOnDestroy: false })
    const channel =
      email === undefined
        ? undefined
        : new NotificationChannel(
            'alarm',
            { displayName: 'pipi-guard-rails', type: 'email', labels: { email_address: email } },
            { dependsOn: [monitoring] },
          )
    const budget = new Budget(
      'budget',
      {
        billingAccount: account.id,
        displayName: 'pipi-guard-rails',
        // Of the account's own currency.
        amount: { specifiedAmount: { units: '1' } },
        // A trial's credit hides what is spent; the free tier's own discount is no spending.
        budgetFilter: { creditTypesTreatment: 'INCLUDE_SPECIFIED_CREDITS', creditTypes: ['FREE_TIER'] },
        thresholdRules: [{ thresholdPercent: 0.01 }, { thresholdPercent: 1 }],
        ...(channel === undefined ? {} : { allUpdatesRule: { monitoringNotificationChannels: [channel.id] } }),
      },
      { dependsOn: [budgets] },
    )
    // A quota can be lowered where its API is on, and is then low before anybody uses it.
    const compute = new Service('compute', { service: COMPUTE, disableOnDestroy: false })
    const quotas = quotasFor(limits)
    for (const { metric, per, to } of quotas) {
      new ConsumerQuotaOverride(
        metric.replaceAll('_', '-'),
        {
          service: COMPUTE,
          metric: encodeURIComponent(`${COMPUTE}/${metric}`),
          limit: encodeURIComponent(per),
          overrideValue: String(to),
          // More than a tenth less than before needs it.
          force: true,
        },
        { dependsOn: [compute] },
      )
    }
    return {
      budget: budget.name,
      quotas: Object.fromEntries(quotas.map(({ metric, to }) => [metric, to])),
      alarm: email ?? 'the people of the billing account',
      open: 'functions, storage, builds and traffic beyond the free part pass; the budget is behind by hours',
    }
  },
} satisfies GuardRails
