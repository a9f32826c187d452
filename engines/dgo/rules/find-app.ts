import { z } from 'zod'
import { PipiError } from '../../../catalog/errors.ts'
import type { PlatformReader } from '../../../stacks/contract/find.ts'

const pageSchema = z.object({
  apps: z.array(z.object({ id: z.string(), spec: z.object({ name: z.string() }) })).optional(),
  links: z.object({ pages: z.object({ next: z.string().optional() }).optional() }).optional(),
})
/** A team that has more Apps than this is not one of ours. */
const MAX_PAGES = 50

/** The App of that name, looked for in the list of the platform's own API: its provider reads by id only. */
export async function findApp(lookup: Record<string, unknown>, platform: PlatformReader): Promise<string | undefined> {
  const { name } = lookup
  if (typeof name !== 'string')
    throw new PipiError('recovery.needs-decision', 'an App without a name cannot be looked up', {
      hint: "look at the team's Apps",
    })
  for (let page = 1; page <= MAX_PAGES; page++) {
    const answer = await platform.get(`/v2/apps?page=${page}&per_page=200`)
    if (answer === undefined) return undefined
    const parsed = pageSchema.safeParse(answer)
    if (!parsed.success) {
      throw new PipiError(
        'provider.failed',
        `expected a list of Apps from /v2/apps, got something else: ${parsed.error.issues[0]?.message}`,
        { hint: 'try again later' },
      )
    }
    const found = parsed.data.apps?.find((app) => app.spec.name === name)
    if (found !== undefined) return found.id
    if (parsed.data.links?.pages?.next === undefined) return undefined
  }
  throw new PipiError('recovery.needs-decision', `the App "${name}" is not among the first ${MAX_PAGES * 200}`, {
    hint: 'look for it at the platform',
  })
}
