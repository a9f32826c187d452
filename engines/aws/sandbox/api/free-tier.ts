import type { Json, World } from '../../../../stacks/contract/sandbox.ts'
import { usedIn } from '../prices.ts'
import { jsonService } from './json-call.ts'

/** What the Billing console's page on the Free Tier shows: services that were used only. */
export const freeTier = jsonService('AWSFreeTierService', {
  async GetFreeTierUsage(_asked, world) {
    const used = usedIn(await world.metered(), world.now())
    const rows: Json[] = [
      row('AWS Lambda', 'Global-Request', 'Requests', used.requests, 1_000_000),
      row('AWS Lambda', 'Global-Lambda-GB-Second', 'seconds', used.gbSeconds.x86_64 + used.gbSeconds.arm64, 400_000),
      row('AWS Data Transfer', 'Global-DataTransfer-Out-Bytes', 'GB', used.egress, 100),
      row('AmazonCloudWatch', 'Global-DataProcessing-Bytes', 'GB', used.logGb, 5),
      row('AmazonCloudWatch', 'Global-TimedStorage-ByteHrs', 'GB-Mo', used.archiveGb, 5),
    ]
    return { freeTierUsages: rows.filter((one) => Number(one.actualUsageAmount) > 0) }
  },
  GetAccountPlanState: async (_asked, world) => planState(world),
})

function row(service: string, usageType: string, unit: string, actualUsageAmount: number, limit: number): Json {
  return {
    service,
    operation: '',
    usageType,
    region: 'global',
    actualUsageAmount,
    forecastedUsageAmount: actualUsageAmount,
    description: `${limit} ${unit} are always free per month`,
    freeTierType: 'Always Free',
    limit,
    unit,
  }
}

/** The owner's account is on the Free plan; what else leads here was made before there were plans. */
function planState({ cloudAccount, now }: World): Json {
  return {
    accountId: cloudAccount,
    accountPlanType: 'FREE',
    accountPlanStatus: 'ACTIVE',
    accountPlanRemainingCredits: { amount: 200, unit: 'USD' },
    accountPlanExpirationDate: now() / 1000 + 90 * 86_400,
  }
}
