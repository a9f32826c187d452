import type { ResourceRule } from '../../contract/engine.ts'
import { takes } from '../../demand/answer.ts'
import { ruleById } from '../../demand/rule.ts'

/** What a project's own guard rails are made of has no price. Google gives each of them its id at creation. */
export const walls: Record<string, ResourceRule> = Object.fromEntries(
  [
    'gcp:billing/budget:Budget',
    'gcp:monitoring/notificationChannel:NotificationChannel',
    'gcp:projects/service:Service',
    'gcp:serviceusage/consumerQuotaOverride:ConsumerQuotaOverride',
  ].map((type) => [type, ruleById(type, () => null, { demand: () => takes() })]),
)
