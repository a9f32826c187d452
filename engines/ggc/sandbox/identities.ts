import type { Json, SimulatedResource, World } from '../../../stacks/contract/sandbox.ts'
import { projectOf } from './identify.ts'
import { BUCKET } from './storage.ts'
import { text } from './values.ts'

export const ACCOUNT = 'gcp:serviceaccount/account:Account'
const IN_PROJECT = 'gcp:projects/iAMMember:IAMMember'
const IN_BUCKET = 'gcp:storage/bucketIAMMember:BucketIAMMember'
const MEMBER = /^(allUsers|allAuthenticatedUsers|(user|group|serviceAccount|domain):\S+)$/

/** Service accounts, and what they may do where. */
export const identities: Record<string, SimulatedResource> = {
  [ACCOUNT]: {
    replaceOn: ['accountId', 'project'],
    deleteBeforeReplace: true,
    async check(inputs) {
      const accountId = text(inputs, 'accountId')
      const failures =
        accountId === undefined || /^[a-z]([a-z0-9-]{4,28}[a-z0-9])$/.test(accountId)
          ? []
          : [
              {
                property: 'accountId',
                reason: `"account_id" ("${accountId}") doesn't match regexp "^[a-z](?:[-a-z0-9]{4,28}[a-z0-9])$"`,
              },
            ]
      return { inputs: { disabled: false, ...inputs }, failures }
    },
    async create(inputs, world) {
      const project = projectOf(world.cloudAccount)
      const email = `${text(inputs, 'accountId')}@${project}.iam.gserviceaccount.com`
      const id = `projects/${project}/serviceAccounts/${email}`
      const outputs = {
        ...inputs,
        name: id,
        email,
        member: `serviceAccount:${email}`,
        project,
        uniqueId: `1${world.hex(20)}`,
      }
      return { id, outputs }
    },
  },
  [IN_PROJECT]: {
    replaceOn: ['project', 'role', 'member'],
    importId: (id) => id.replaceAll(' ', '/'),
    async create(inputs, world) {
      await refuseNobody(inputs, world)
      const project = text(inputs, 'project') ?? projectOf(world.cloudAccount)
      return { id: `${project}/${inputs.role}/${inputs.member}`, outputs: { ...inputs, etag: `Bw${world.hex(10)}=` } }
    },
  },
  [IN_BUCKET]: {
    replaceOn: ['bucket', 'role', 'member'],
    importId: (id) => id.replaceAll(' ', '/'),
    async create(inputs, world) {
      await refuseNobody(inputs, world)
      const bucket = text(inputs, 'bucket') ?? ''
      if (!(await world.list(BUCKET)).some((one) => one.id === bucket))
        throw new Error(`Error applying IAM policy for storage bucket "b/${bucket}": googleapi: Error 404: notFound`)
      return { id: `b/${bucket}/${inputs.role}/${inputs.member}`, outputs: { ...inputs, etag: `C${world.hex(3)}=` } }
    },
  },
}

/** Whether a service account has a role at a place: a bucket's name, or the project. */
export async function mayActAs(
  email: string,
  roles: readonly string[],
  bucket: string | undefined,
  world: World,
): Promise<boolean> {
  const grants = await world.list(bucket === undefined ? IN_PROJECT : IN_BUCKET)
  return grants.some(
    ({ inputs }) =>
      inputs.member === `serviceAccount:${email}` &&
      roles.includes(String(inputs.role)) &&
      (bucket === undefined || inputs.bucket === bucket),
  )
}

/** The data source: by the short id or the address. */
export async function getAccount({ accountId }: Json, world: World): Promise<Json> {
  const found = (await world.list(ACCOUNT)).find(
    (one) => one.inputs.accountId === accountId || one.outputs.email === accountId,
  )
  if (found === undefined)
    throw new Error(
      `Error when reading or editing Service Account "${accountId}": googleapi: Error 404: Unknown service account, notFound`,
    )
  return { ...found.outputs, id: found.id }
}

/** A right is given to somebody who is there. */
async function refuseNobody(inputs: Json, world: World): Promise<void> {
  const member = text(inputs, 'member') ?? ''
  const known = (await world.list(ACCOUNT)).some((one) => one.outputs.member === member)
  if (!MEMBER.test(member) || (member.startsWith('serviceAccount:') && !known))
    throw new Error(
      `Error applying IAM policy: googleapi: Error 400: Service account ${member} does not exist., badRequest`,
    )
}
