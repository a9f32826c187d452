import { z } from 'zod'
import { PipiError } from '../../../catalog/errors.ts'
import { TAG } from '../../../stacks/guard/tag.ts'
import type { Found, Survey } from '../../contract/watch.ts'
import { ARM_TYPES } from '../arm-types.ts'
import { openManager } from './manager.ts'

const rowSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  type: z.string(),
  location: z.string().nullish(),
  kind: z.string().nullish(),
  sku: z.unknown().optional(),
  tags: z.record(z.string(), z.string()).nullish(),
  resourceGroup: z.string().nullish(),
  properties: z.record(z.string(), z.unknown()).nullish(),
})
type Row = z.infer<typeof rowSchema>
const graphSchema = z.object({ data: z.array(rowSchema), $skipToken: z.string().optional() })

/** A subscription that has more than this is not one of ours. */
const MAX_PAGES = 20

/** Parts of others stand in no list of the subscription. */
export const types: readonly string[] = ARM_TYPES.flatMap((one) => (one.part ? [] : [one.token]))

/** Everything of the subscription that lies in a resource group, whoever made it, in one question for a thousand. */
export default (async (context) => {
  const manager = await openManager(context)
  const found: Found[] = []
  let skip: string | undefined
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer = await manager.post('/providers/Microsoft.ResourceGraph/resources', '2022-10-01', graphSchema, {
      subscriptions: [context.account.id],
      query:
        'Resources | project id, name, type, location, kind, sku, tags, resourceGroup, properties | order by id asc',
      options: { resultFormat: 'objectArray', $top: 1000, ...(skip === undefined ? {} : { $skipToken: skip }) },
    })
    found.push(...answer.data.filter((row) => !isSystem(row)).map(foundOf))
    skip = answer.$skipToken
    if (skip === undefined) return found
  }
  throw new PipiError('provider.failed', `the subscription has more than ${MAX_PAGES * 1000} resources`, {
    hint: 'give the engine a subscription of its own',
  })
}) satisfies Survey

/** The database that each server brings along costs nothing and cannot be left out. */
function isSystem({ type, name }: Row): boolean {
  return type.toLowerCase() === 'microsoft.sql/servers/databases' && name === 'master'
}

/** What no rule knows is told by the platform's own name of the type: it is counted as unknown. */
function foundOf(row: Row): Found {
  const of = ARM_TYPES.find((one) => one.arm.toLowerCase() === row.type.toLowerCase())
  const workspace = row.tags?.[TAG.workspace]
  const urn = row.tags?.[TAG.urn]
  return {
    type: of?.token ?? `azure-native:arm:${row.type}`,
    id: row.id,
    region: row.location ?? '',
    inputs: {
      ...row.properties,
      ...named('location', row.location),
      ...named('kind', row.kind),
      ...named('sku', row.sku),
      ...named('tags', row.tags),
      ...named('resourceGroupName', row.resourceGroup),
      [of?.names.at(-1) ?? 'name']: row.name,
    },
    ...(workspace === undefined ? {} : { owner: { workspace, ...(urn === undefined ? {} : { urn }) } }),
  }
}

function named(key: string, value: unknown): Record<string, unknown> {
  return value === null || value === undefined ? {} : { [key]: value }
}
