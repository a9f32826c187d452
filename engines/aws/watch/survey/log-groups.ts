import { z } from 'zod'
import type { Found, WatchContext } from '../../../contract/watch.ts'
import { allPages, callJson } from '../call.ts'
import { ownerOf } from './owner.ts'

const groupsSchema = z.object({
  logGroups: z.array(
    z.object({
      logGroupName: z.string(),
      arn: z.string().optional(),
      logGroupArn: z.string().optional(),
      retentionInDays: z.number().optional(),
      logGroupClass: z.string().optional(),
    }),
  ),
  nextToken: z.string().nullish(),
})
const tagsSchema = z.object({ tags: z.record(z.string(), z.string()).optional() })

/** Log groups of a region. One without a retention keeps its lines for ever, which Pulumi calls 0. */
export async function findLogGroups(context: WatchContext, region: string): Promise<Found[]> {
  const place = { url: `https://logs.${region}.amazonaws.com/`, version: '1.1' as const }
  const groups = await allPages(async (nextToken) => {
    const page = await callJson(
      context,
      { ...place, target: 'Logs_20140328.DescribeLogGroups', answer: groupsSchema },
      { limit: 50, ...(nextToken === undefined ? {} : { nextToken }) },
    )
    return { items: page.logGroups, next: page.nextToken ?? undefined }
  })
  const found: Found[] = []
  for (const { logGroupName: id, retentionInDays, logGroupClass, ...group } of groups) {
    const { tags } = await callJson(
      context,
      { ...place, target: 'Logs_20140328.ListTagsForResource', answer: tagsSchema },
      { resourceArn: group.logGroupArn ?? group.arn?.replace(/:\*$/, '') },
    )
    found.push({
      type: 'aws:cloudwatch/logGroup:LogGroup',
      id,
      region,
      inputs: {
        name: id,
        region,
        retentionInDays: retentionInDays ?? 0,
        logGroupClass: logGroupClass ?? 'STANDARD',
        tags,
      },
      ...ownerOf(tags),
    })
  }
  return found
}
