import { z } from 'zod'
import type { ReadUsage } from '../../contract/watch.ts'
import { openManager } from './manager.ts'

const detailsSchema = z.object({
  value: z.array(
    z.looseObject({
      properties: z.looseObject({
        cost: z.number().optional(),
        costInUSD: z.number().optional(),
        billingCurrency: z.string().optional(),
        billingCurrencyCode: z.string().optional(),
      }),
    }),
  ),
  nextLink: z.string().nullish(),
})
const MAX_PAGES = 50

/**
 * What the running month is charged with so far, by the platform's own details of use. It is hours late; single meters of
 * what is free have no counter that a program may read, and nothing is carried here that would move one.
 */
export default (async (context) => {
  const manager = await openManager(context)
  const first = `/subscriptions/${context.account.id}/providers/Microsoft.Consumption/usageDetails`
  let cost = 0
  let path: string | undefined = first
  for (let page = 0; path !== undefined && page < MAX_PAGES; page++) {
    const answer: z.infer<typeof detailsSchema> = await manager.get(path, '2023-05-01', detailsSchema)
    for (const { properties } of answer.value) cost += properties.costInUSD ?? properties.cost ?? 0
    path = answer.nextLink == null ? undefined : withoutVersion(answer.nextLink)
  }
  const rounded = Math.round(cost * 100) / 100
  return { readings: [], charged: { usd: rounded, says: `details of use of the running month add up to ${rounded}` } }
}) satisfies ReadUsage

/** The next page as a path of ours; the version is added again. */
function withoutVersion(link: string): string {
  const { pathname, searchParams } = new URL(link)
  searchParams.delete('api-version')
  return `${pathname}?${searchParams}`
}
