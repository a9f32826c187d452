import { TAG } from '../../../../stacks/guard/tag.ts'
import type { Found } from '../../../contract/watch.ts'

/** Whose a resource is, by our label. */
export function ownerOf(labels: Readonly<Record<string, string>> | undefined): Pick<Found, 'owner'> {
  const [workspace, urn] = [labels?.[TAG.workspace], labels?.[TAG.urn]]
  return workspace === undefined ? {} : { owner: { workspace, ...(urn === undefined ? {} : { urn }) } }
}
