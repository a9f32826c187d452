import { IAMMember } from '@pulumi/gcp/projects/iammember.js'
import { Account } from '@pulumi/gcp/serviceaccount/account.js'
import { BucketIAMMember } from '@pulumi/gcp/storage/bucketIAMMember.js'
import { type Output, output } from '@pulumi/pulumi'
import type { ProgramOutputs } from '../../contract/engine.ts'

/** Google takes 6 to 30 characters; a slug has up to 32, of which the last six tell it from others. */
const LONGEST = 30
const HASH = 6

/** A service account of a component's own: without one, what runs would have the rights of the project's default one. */
export function declareIdentity(name: string, slug: string, purpose: string): Account {
  return new Account(name, { accountId: accountIdOf(slug), displayName: purpose })
}

/** A slug as the id of a service account. */
function accountIdOf(slug: string): string {
  if (slug.length <= LONGEST) return slug
  return `${slug.slice(0, LONGEST - HASH - 1).replace(/-+$/, '')}-${slug.slice(-HASH)}`
}

/** The rights to what a component uses, and none beside them. Functions wait for them: their first request needs them. */
export function letIn(
  name: string,
  member: Output<string>,
  uses: Record<string, ProgramOutputs>,
): (IAMMember | BucketIAMMember)[] {
  return Object.entries(uses).map(([used, { bucket, project }]) =>
    bucket !== undefined
      ? new BucketIAMMember(`${name}-uses-${used}`, {
          bucket: output(bucket as Output<string>),
          role: 'roles/storage.objectUser',
          member,
        })
      : // Rights to documents are given in a project, not in a database; there is one free database in it.
        new IAMMember(`${name}-uses-${used}`, {
          project: output(project as Output<string>),
          role: 'roles/datastore.user',
          member,
        }),
  )
}
