import type { ProgramModule } from '../../contract/engine.ts'
import { declareByType } from '../../parts/declare/by-type.ts'
import { declareTicket } from '../machine/releases.ts'
import { HOLDS } from '../names.ts'
import { after, requireSurroundings } from '../surroundings.ts'

/** It ends with the store: nobody has to open it anew. */
const FOR_GOOD = '2099-12-31T00:00:00Z'

/** A private bucket. What uses it gets an address that reads, writes and lists its objects, and is a key by itself. */
export default {
  kind: 'store',
  declare({ component, region, slug, surroundings }) {
    const { tenancy, namespace, ...tickets } = requireSurroundings(surroundings)
    const resource = declareByType('oci:ObjectStorage/bucket:Bucket', `${component.name}-bucket`, {
      compartmentId: tenancy,
      namespace,
      name: slug,
      accessType: 'NoPublicAccess',
      storageTier: 'Standard',
      versioning: 'Disabled',
      freeformTags: { [HOLDS]: String(component.sizeMb / 1000) },
    })
    const name = `${component.name}-ticket`
    const until = { until: FOR_GOOD, access: 'AnyObjectReadWrite' } as const
    return {
      url: `https://objectstorage.${region}.oraclecloud.com/n/${namespace}/b/${slug}/o/`,
      ticket: declareTicket({ namespace, name: slug, resource }, name, {
        region,
        name: tickets[name] ?? after(undefined),
        ...until,
      }),
    }
  },
} satisfies ProgramModule<'store'>
