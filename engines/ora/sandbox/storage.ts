import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { SimulatedResource, StoredResource, World } from '../../../stacks/contract/sandbox.ts'

export const BUCKET = 'oci:ObjectStorage/bucket:Bucket'
export const OBJECT = 'oci:ObjectStorage/storageObject:StorageObject'
export const TICKET = 'oci:ObjectStorage/preauthrequest:Preauthrequest'
const NAME = /^[A-Za-z0-9._-]{1,256}$/
const ACCESS = ['ObjectRead', 'ObjectWrite', 'ObjectReadWrite', 'AnyObjectRead', 'AnyObjectReadWrite', 'AnyObjectWrite']

/** Object Storage, as the provider has it; api/objects.ts answers for what lies in it. */
export const storage: Record<string, SimulatedResource> = {
  [BUCKET]: {
    replaceOn: ['namespace', 'name', 'storageTier'],
    unique: (inputs) => ({
      name: bucketId(inputs.namespace, inputs.name),
      taken: `409-BucketAlreadyExists, Either the bucket '${String(inputs.name)}' in namespace '${String(inputs.namespace)}' already exists or you are not authorized to create it`,
    }),
    async check(inputs) {
      const name = inputs.name
      const bad = typeof name === 'string' && !NAME.test(name)
      const reason = `400-InvalidBucketName, The bucket name '${String(name)}' is not valid`
      return {
        inputs: { accessType: 'NoPublicAccess', ...inputs },
        failures: bad ? [{ property: 'name', reason }] : [],
      }
    },
    async create(inputs, world) {
      if (inputs.namespace !== namespaceOf(world.cloudAccount))
        throw new Error(`404-NamespaceNotFound, Unknown namespace ${String(inputs.namespace)}`)
      const id = bucketId(inputs.namespace, inputs.name)
      return { id, outputs: { ...inputs, bucketId: `ocid1.bucket.oc1.${world.region}.${world.hex(60)}` } }
    },
    async delete(stored, world) {
      const [tickets, objects] = [await world.list(TICKET), await objectsIn(stored, world)]
      if (objects.length > 0 || tickets.some((one) => inBucket(one, stored)))
        throw new Error(
          `409-BucketNotEmpty, Bucket named '${String(stored.inputs.name)}' is not empty. Delete all objects first`,
        )
    },
  },
  [OBJECT]: {
    replaceOn: ['namespace', 'bucket', 'content', 'source', 'contentType', 'metadata'],
    overwrites: true,
    check: async (inputs) => ({ inputs: { deleteAllObjectVersions: false, ...inputs } }),
    async create(inputs, world) {
      const bucket = (await world.list(BUCKET)).find((one) => inBucket({ inputs }, one))
      if (bucket === undefined)
        throw new Error(
          `404-BucketNotFound, Either the bucket named '${String(inputs.bucket)}' does not exist or you are not authorized to access it`,
        )
      const bytes =
        typeof inputs.source === 'string' ? await contentsOf(inputs.source) : Buffer.from(String(inputs.content ?? ''))
      return {
        id: `${bucket.id}/o/${String(inputs.object)}`,
        outputs: {
          ...inputs,
          contentLength: String(bytes.byteLength),
          contentMd5: createHash('md5').update(bytes).digest('base64'),
          // Of the bytes: so that those who read the object find them.
          versionId: await world.keep(bytes),
        },
      }
    },
  },
  [TICKET]: {
    replaceOn: [
      ...['namespace', 'bucket', 'name', 'accessType', 'object', 'objectName', 'timeExpires'],
      'bucketListingAction',
    ],
    async check(inputs) {
      const access = inputs.accessType
      const reason = `expected access_type to be one of ${JSON.stringify(ACCESS)}, got ${String(access)}`
      return {
        failures: access === undefined || ACCESS.includes(String(access)) ? [] : [{ property: 'accessType', reason }],
      }
    },
    async create(inputs, world) {
      const bucket = (await world.list(BUCKET)).find((one) => inBucket({ inputs }, one))
      if (bucket === undefined) throw new Error(`404-BucketNotFound, Unknown bucket ${String(inputs.bucket)}`)
      const token = world.hex(64)
      const accessUri = `/p/${token}/${bucket.id}/o/`
      return {
        id: `${bucket.id}/p/${world.hex(40)}`,
        outputs: {
          ...inputs,
          accessUri,
          // The platform's own host, as the sandbox answers for it.
          fullPath: `${world.api}/api/ora/_/objectstorage.${world.region}.oraclecloud.com${accessUri}`,
          timeCreated: new Date(world.now()).toISOString(),
        },
      }
    },
  },
}

/** A tenancy's own name space, which nobody can guess from its id in the world either. */
export function namespaceOf(tenancy: string): string {
  return `ax${createHash('sha256').update(tenancy).digest('hex').slice(0, 10)}`
}

/** Names of what was put into a bucket by the engine and by programs. */
export async function objectsIn(bucket: StoredResource, world: World): Promise<string[]> {
  const declared = (await world.list(OBJECT))
    .filter((one) => inBucket(one, bucket))
    .map((one) => String(one.inputs.object))
  const put = (await world.records(BUCKET, bucket.id).list()).map(({ key }) => key)
  return [...new Set([...declared, ...put])].sort()
}

function inBucket({ inputs }: Pick<StoredResource, 'inputs'>, bucket: StoredResource): boolean {
  return bucketId(inputs.namespace, inputs.bucket) === bucket.id
}

function bucketId(namespace: unknown, name: unknown): string {
  return `n/${String(namespace)}/b/${String(name)}`
}

function contentsOf(path: string): Promise<Buffer> {
  return readFile(path).catch(() => {
    throw new Error(`the specified source is not available: cannot get file information for ${path}`)
  })
}
