import { z } from 'zod'
import type { PlatformReader } from '../../../stacks/contract/find.ts'
import { TAG } from '../../../stacks/guard/tag.ts'
import type { Found, Survey } from '../../contract/watch.ts'
import { textAt } from '../../demand/inputs.ts'
import { type Item, listIn } from '../rules/find.ts'

const BUCKET = 'oci:ObjectStorage/bucket:Bucket'
const LISTED = [
  'oci:Core/instance:Instance',
  'oci:Core/volume:Volume',
  'oci:Core/volumeBackup:VolumeBackup',
  'oci:Core/vcn:Vcn',
  'oci:Database/autonomousDatabase:AutonomousDatabase',
  'oci:Mysql/mysqlDbSystem:MysqlDbSystem',
  'oci:LoadBalancer/loadBalancer:LoadBalancer',
  'oci:NetworkLoadBalancer/networkLoadBalancer:NetworkLoadBalancer',
] as const

/** What is listed here: what some meter counts. Budgets and policies take nothing. */
export const types = [...LISTED, BUCKET] as const

/**
 * The root compartment of a tenancy, which is where this engine makes things, by the provider's own data sources. A
 * machine's boot volume belongs to the machine and is not listed again.
 */
export default (async ({ account, platform, credentials }) => {
  const found: Found[] = []
  for (const type of LISTED) {
    for (const item of await listIn(type, account.id, platform)) {
      found.push({
        type,
        id: item.id,
        inputs: inputsOf(item),
        region: credentials.region ?? '',
        ...ownerOf(item),
      })
    }
  }
  return [...found, ...(await buckets(account.id, platform, credentials.region ?? ''))]
}) satisfies Survey

const bucketsSchema = z.array(z.looseObject({ namespace: z.string(), name: z.string() }))

/** A list of buckets says nothing of their settings: they are taken for what the platform makes when nobody says more. */
async function buckets(compartmentId: string, platform: PlatformReader, region: string): Promise<Found[]> {
  const { namespace } = await platform.invoke('oci:ObjectStorage/getNamespace:getNamespace', { compartmentId })
  const answer = await platform.invoke('oci:ObjectStorage/getBucketSummaries:getBucketSummaries', {
    compartmentId,
    namespace,
  })
  return bucketsSchema.parse(answer.bucketSummaries ?? []).map((one) => ({
    type: BUCKET,
    id: `n/${one.namespace}/b/${one.name}`,
    inputs: { storageTier: 'Standard', versioning: 'Disabled', ...one },
    region,
    ...ownerOf(one),
  }))
}

/** The data source has the names of the inputs, with lists where an input is one thing. */
function inputsOf(item: Item): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries({ ...item, shapeConfig: item.shapeConfigs ?? item.shapeConfig }).map(([key, value]) => [
      key,
      ONE.includes(key) && Array.isArray(value) ? value[0] : value,
    ]),
  )
}

const ONE = ['shapeConfig', 'sourceDetails', 'shapeDetails']

function ownerOf(item: Record<string, unknown>): Pick<Found, 'owner'> {
  const workspace = textAt(item, `freeformTags.${TAG.workspace}`)
  const urn = textAt(item, `freeformTags.${TAG.urn}`)
  return workspace === undefined ? {} : { owner: { workspace, ...(urn === undefined ? {} : { urn }) } }
}
