import { all, type CustomResource, type Output, type Resource, secret } from '@pulumi/pulumi'
import { declareByType } from '../../parts/declare/by-type.ts'
import { HOLDS, READS } from '../names.ts'

export interface Bucket {
  namespace: string
  name: string
  resource: CustomResource
}

/** Room that a bucket always counts with, GB. */
const LEAST_GB = 0.5

/**
 * The workspace's private bucket for what its machine fetches. What lies there can be built again. `bytes`: of all releases
 * of one deployment; for a moment those before them are there too.
 */
export function declareReleases(place: {
  compartmentId: string
  namespace: string
  slug: string
  bytes: number
}): Bucket {
  const gigabytes = Math.max(LEAST_GB, Math.ceil((place.bytes * 2) / 1e8) / 10)
  const name = `${place.slug}-releases`
  const resource = declareByType('oci:ObjectStorage/bucket:Bucket', '_releases', {
    compartmentId: place.compartmentId,
    namespace: place.namespace,
    name,
    accessType: 'NoPublicAccess',
    storageTier: 'Standard',
    versioning: 'Disabled',
    freeformTags: { [HOLDS]: String(gigabytes), [READS]: '500' },
  })
  return { namespace: place.namespace, name, resource }
}

/** An object in it. `first`: what has to be there before. */
export function declareObject(
  { namespace, name: bucket, resource }: Bucket,
  name: string,
  object: { object: string; source: string } | { object: string; content: string | Output<string> },
  options: { deleteBeforeReplace?: boolean } = {},
): CustomResource {
  return declareByType(
    'oci:ObjectStorage/storageObject:StorageObject',
    name,
    { namespace, bucket, ...object },
    { dependsOn: [resource as Resource], ...options },
  )
}

/**
 * The way in for the machine: an address under which the bucket's objects can be read, and nothing else, until `until`.
 * Secret; the platform tells it once, at creation.
 */
export function declareTicket(
  { namespace, name: bucket, resource }: Bucket,
  name: string,
  ticket: { region: string; name: string; until: string; access: 'AnyObjectRead' | 'AnyObjectReadWrite' },
): Output<string> {
  const request = declareByType(
    'oci:ObjectStorage/preauthrequest:Preauthrequest',
    name,
    {
      namespace,
      bucket,
      name: ticket.name,
      accessType: ticket.access,
      bucketListingAction: ticket.access === 'AnyObjectRead' ? 'Deny' : 'ListObjects',
      timeExpires: ticket.until,
    },
    { dependsOn: [resource as Resource], additionalSecretOutputs: ['accessUri', 'fullPath'] },
    ['fullPath', 'accessUri'],
  )
  const host = `https://objectstorage.${ticket.region}.oraclecloud.com`
  // Older versions of the provider tell the path alone; one that was adopted after a crash tells neither.
  const address = all([request.fullPath, request.accessUri]).apply(([full, path]) => full ?? `${host}${path ?? ''}`)
  return secret(address)
}
