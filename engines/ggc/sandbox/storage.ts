import type { Json, KeptAsset, SimulatedResource } from '../../../stacks/contract/sandbox.ts'
import { MULTI_REGIONS, REGIONS } from './regions.ts'
import { LABELS, labelled, text } from './values.ts'

export const BUCKET = 'gcp:storage/bucket:Bucket'
export const OBJECT = 'gcp:storage/bucketObject:BucketObject'
const CLASSES = ['STANDARD', 'NEARLINE', 'COLDLINE', 'ARCHIVE', 'MULTI_REGIONAL', 'REGIONAL']

/** Cloud Storage. */
export const storage: Record<string, SimulatedResource> = {
  [BUCKET]: {
    replaceOn: ['name', 'location', 'project'],
    secretOutputs: LABELS,
    deleteBeforeReplace: true,
    tagProperty: 'labels',
    unique: (inputs) => {
      const name = text(inputs, 'name')
      return name === undefined
        ? undefined
        : {
            name,
            taken:
              'googleapi: Error 409: Your previous request to create the named bucket succeeded and you already own it., conflict',
          }
    },
    async check(inputs) {
      const failures: { property: string; reason: string }[] = []
      const name = text(inputs, 'name')
      if (name !== undefined && !/^[a-z0-9][a-z0-9_.-]{1,61}[a-z0-9]$/.test(name))
        failures.push({ property: 'name', reason: `"${name}" is not a valid bucket name` })
      const location = text(inputs, 'location')?.toUpperCase()
      if (location !== undefined && !REGIONS.has(location.toLowerCase()) && !MULTI_REGIONS.has(location)) {
        failures.push({
          property: 'location',
          reason: `googleapi: Error 400: The specified location constraint is not valid., invalid`,
        })
      }
      const storageClass = text(inputs, 'storageClass')
      if (storageClass !== undefined && !CLASSES.includes(storageClass))
        failures.push({
          property: 'storageClass',
          reason: `expected storage_class to be one of [${CLASSES.join(' ')}], got ${storageClass}`,
        })
      return {
        inputs: {
          forceDestroy: false,
          storageClass: 'STANDARD',
          ...inputs,
          ...(location === undefined ? {} : { location }),
        },
        failures,
      }
    },
    async create(inputs, world) {
      const name = text(inputs, 'name') ?? `bucket-${world.hex(7)}`
      return {
        id: name,
        outputs: {
          ...inputs,
          ...labelled(inputs),
          name,
          selfLink: `https://www.googleapis.com/storage/v1/b/${name}`,
          url: `gs://${name}`,
          timeCreated: new Date(world.now()).toISOString(),
        },
      }
    },
    update: async (_id, inputs, old) => ({ outputs: { ...old.outputs, ...inputs, ...labelled(inputs) } }),
    async delete(stored, world) {
      const filled = (await world.list(OBJECT)).some((one) => one.inputs.bucket === stored.id)
      if (filled && stored.inputs.forceDestroy !== true)
        throw new Error(
          `Error trying to delete bucket ${stored.id} containing objects without \`force_destroy\` set to true`,
        )
    },
  },
  [OBJECT]: {
    replaceOn: ['bucket', 'name', 'source', 'contentType'],
    overwrites: true,
    async create(inputs, world) {
      const bucket = text(inputs, 'bucket') ?? ''
      const name = text(inputs, 'name') ?? `object-${world.hex(7)}`
      if (!(await world.list(BUCKET)).some((one) => one.id === bucket))
        throw new Error(`googleapi: Error 404: The specified bucket does not exist., notFound`)
      const source = keptIn(inputs)
      if (source === undefined && text(inputs, 'content') === undefined)
        throw new Error('Error: one of source or content must be specified')
      return {
        id: `${bucket}-${name}`,
        outputs: {
          ...inputs,
          name,
          generation: world.now(),
          outputName: name,
          selfLink: `https://www.googleapis.com/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}`,
          storageClass: 'STANDARD',
        },
      }
    },
  },
}

/** The uploaded bytes behind an object's inputs. */
export function keptIn(inputs: Json): KeptAsset | undefined {
  return keptAt(inputs.source)
}

export function keptAt(source: unknown): KeptAsset | undefined {
  return typeof source === 'object' && source !== null && 'kept' in source ? (source as KeptAsset) : undefined
}
