import { z } from 'zod'
import type { Reading, WatchContext } from '../../contract/watch.ts'
import { allPages, callJson, type Operation } from './call.ts'

const URL_OF = 'https://freetier.us-east-1.api.aws/'

const usageSchema = z.object({
  service: z.string().optional(),
  usageType: z.string().optional(),
  region: z.string().optional(),
  freeTierType: z.string().optional(),
  actualUsageAmount: z.number().optional(),
})
export type FreeTierUsage = z.infer<typeof usageSchema>

const GET_USAGE: Operation<{ freeTierUsages: FreeTierUsage[]; nextToken?: string | null | undefined }> = {
  url: URL_OF,
  target: 'AWSFreeTierService.GetFreeTierUsage',
  version: '1.0',
  answer: z.object({ freeTierUsages: z.array(usageSchema), nextToken: z.string().nullish() }),
}

const planStateSchema = z.object({
  accountId: z.string().optional(),
  accountPlanType: z.string().optional(),
  accountPlanStatus: z.string().optional(),
  accountPlanRemainingCredits: z.object({ amount: z.number().optional(), unit: z.string().optional() }).optional(),
})
export type PlanState = z.infer<typeof planStateSchema>

const GET_PLAN: Operation<PlanState> = {
  url: URL_OF,
  target: 'AWSFreeTierService.GetAccountPlanState',
  version: '1.0',
  answer: planStateSchema,
}

/** Rows by meter of the catalogue. Usage types carry a region's short name in front, or "Global-". */
const METERS: { meter: string; service: RegExp; usageType: RegExp }[] = [
  { meter: 'aws-lambda.requests', service: /^AWS ?Lambda$/i, usageType: /(^|-)Request(s)?$/ },
  { meter: 'aws-lambda.compute', service: /^AWS ?Lambda$/i, usageType: /Lambda-GB-Second/ },
  { meter: 'aws-egress.internet-egress', service: /Data ?Transfer/i, usageType: /DataTransfer-Out-Bytes$/ },
  { meter: 'aws-cloudwatch.log-ingestion', service: /CloudWatch/i, usageType: /DataProcessing-Bytes$/ },
  { meter: 'aws-cloudwatch.log-archive', service: /CloudWatch/i, usageType: /TimedStorage-ByteHrs$/ },
  { meter: 'aws-cloudwatch.api-requests', service: /CloudWatch/i, usageType: /CW:Requests$/ },
  { meter: 'aws-sqs.requests', service: /Simple Queue|AWSQueueService/i, usageType: /Requests/ },
  { meter: 'aws-sns.publishes', service: /Simple Notification|AmazonSNS/i, usageType: /Requests-Tier1$/ },
  { meter: 'aws-cloudfront-payg.egress', service: /CloudFront/i, usageType: /DataTransfer-Out-Bytes$/ },
  { meter: 'aws-cloudfront-payg.requests', service: /CloudFront/i, usageType: /Requests/ },
  { meter: 'aws-step-functions.transitions', service: /Step ?Functions|AmazonStates/i, usageType: /StateTransition$/ },
  { meter: 'aws-codebuild.build', service: /CodeBuild/i, usageType: /Build-Min/ },
]

/** A row comes to be when a service was used, and is up to a day behind. */
const LAG_MS = 86_400_000

/** What AWS itself counts against its Free Tier. A meter without a row was not used, or the row is still to come. */
export async function readFreeTier(context: WatchContext): Promise<Reading[]> {
  const rows = await allPages(async (nextToken) => {
    const page = await callJson(context, GET_USAGE, {
      maxResults: 100,
      ...(nextToken === undefined ? {} : { nextToken }),
    })
    return { items: page.freeTierUsages, next: page.nextToken ?? undefined }
  })
  const totals = new Map<string, number>()
  for (const row of rows) {
    const known = METERS.find(
      ({ service, usageType }) => service.test(row.service ?? '') && usageType.test(row.usageType ?? ''),
    )
    if (known === undefined || row.actualUsageAmount === undefined) continue
    totals.set(known.meter, (totals.get(known.meter) ?? 0) + row.actualUsageAmount)
  }
  return [...totals].map(([meter, total]) => ({ meter, scope: '', total, until: context.now - LAG_MS }))
}

/** Which plan AWS says the account is on. Older accounts have none, and are told so. */
export function readPlanState(context: WatchContext): Promise<PlanState> {
  return callJson(context, GET_PLAN, {})
}
