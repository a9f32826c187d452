import { Bucket } from '@pulumi/gcp/storage/bucket.js'
import { interpolate } from '@pulumi/pulumi'
import type { ProgramModule } from '../../contract/engine.ts'
import { SIZE_LABEL } from '../rules/storage.ts'

/** A bucket in one of the free regions, which nobody reaches but what uses it. */
export default {
  kind: 'store',
  declare({ component, slug, region }) {
    const bucket = new Bucket(`${component.name}-objects`, {
      name: `${slug}-objects`,
      location: region.toUpperCase(),
      storageClass: 'STANDARD',
      uniformBucketLevelAccess: true,
      publicAccessPrevention: 'enforced',
      // What was deleted would be kept, and counted, for a week.
      softDeletePolicy: { retentionDurationSeconds: 0 },
      // Who names its loss means what is in it.
      forceDestroy: true,
      labels: { [SIZE_LABEL]: String(component.sizeMb) },
    })
    return { url: interpolate`gs://${bucket.name}`, bucket: bucket.name }
  },
} satisfies ProgramModule<'store'>
