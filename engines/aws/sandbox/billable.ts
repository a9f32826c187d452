import type { SimulatedResource } from '../../../stacks/contract/sandbox.ts'

export const INSTANCE = 'aws:ec2/instance:Instance'
export const ADDRESS = 'aws:ec2/eip:Eip'
export const BUCKET = 'aws:s3/bucket:Bucket'

/** What costs money from its first hour: here so that a hole in the lock would show on the bill. */
export const billable: Record<string, SimulatedResource> = {
  [INSTANCE]: {
    tagProperty: 'tags',
    replaceOn: ['ami', 'availabilityZone'],
    async check(inputs) {
      const type = inputs.instanceType
      const known =
        typeof type === 'string' && /^[a-z]+\d[a-z-]*\.(nano|micro|small|medium|large|xlarge|\d+xlarge)$/.test(type)
      return {
        failures:
          type === undefined || known
            ? []
            : [
                {
                  property: 'instanceType',
                  reason: `InvalidParameterValue: Invalid value '${type}' for InstanceType.`,
                },
              ],
      }
    },
    async create(inputs, world) {
      const id = `i-0${world.hex(16)}`
      return {
        id,
        outputs: {
          ...inputs,
          arn: `arn:aws:ec2:${world.region}:${world.cloudAccount}:instance/${id}`,
          instanceState: 'running',
          publicIp: '203.0.113.24',
        },
      }
    },
  },
  [ADDRESS]: {
    tagProperty: 'tags',
    replaceOn: ['domain'],
    async create(inputs, world) {
      const id = `eipalloc-0${world.hex(16)}`
      return {
        id,
        outputs: {
          ...inputs,
          arn: `arn:aws:ec2:${world.region}:${world.cloudAccount}:elastic-ip/${id}`,
          allocationId: id,
          publicIp: '203.0.113.25',
        },
      }
    },
  },
  [BUCKET]: {
    tagProperty: 'tags',
    replaceOn: ['bucket'],
    unique: (inputs) =>
      typeof inputs.bucket === 'string'
        ? {
            name: inputs.bucket,
            taken: `creating S3 Bucket (${inputs.bucket}): BucketAlreadyOwnedByYou: Your previous request to create the named bucket succeeded and you already own it.`,
          }
        : undefined,
    async create(inputs, world) {
      const bucket = typeof inputs.bucket === 'string' ? inputs.bucket : `bucket-${world.hex(7)}`
      return {
        id: bucket,
        outputs: { ...inputs, bucket, arn: `arn:aws:s3:::${bucket}`, bucketDomainName: `${bucket}.s3.amazonaws.com` },
      }
    },
  },
}
