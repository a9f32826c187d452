import { TAG } from '../../../../stacks/guard/tag.ts'
import type { Found } from '../../../contract/watch.ts'

/** Whose a resource is, by our tag. */
export function ownerOf(tags: Readonly<Record<string, string>> | undefined): Pick<Found, 'owner'> {
  const workspace = tags?.[TAG.workspace]
  const urn = tags?.[TAG.urn]
  return workspace === undefined ? {} : { owner: { workspace, ...(urn === undefined ? {} : { urn }) } }
}
