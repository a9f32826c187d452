import { z } from 'zod'
import type { Finding, WatchContext } from '../../contract/watch.ts'

/** What every deployment does. */
const DEPLOYS = [
  'cloudfunctions.functions.create',
  'iam.serviceAccounts.create',
  'resourcemanager.projects.setIamPolicy',
  'run.services.setIamPolicy',
  'storage.buckets.create',
]
const grantedSchema = z.object({ permissions: z.array(z.string()).optional() })

/** Whether the service account may deploy in its project: asked of the project itself, which tells everybody of their own rights. */
export async function rightsOf({ api }: Pick<WatchContext, 'api'>, project: string): Promise<Finding> {
  const finding = { what: 'rights', guard: true }
  const url = `https://cloudresourcemanager.googleapis.com/v1/projects/${project}:testIamPermissions`
  const { status, body } = await api({ method: 'POST', url, body: { permissions: DEPLOYS } })
  const parsed = grantedSchema.safeParse(body)
  if (status !== 200 || !parsed.success)
    return {
      ...finding,
      ok: false,
      why: `nobody can say: ${url} answered ${status}`,
      hint: 'switch Cloud Resource Manager on in the project',
    }
  const missing = DEPLOYS.filter((one) => parsed.data.permissions?.includes(one) !== true)
  return missing.length === 0
    ? { ...finding, ok: true, why: `it may ${DEPLOYS.join(', ')}` }
    : {
        ...finding,
        ok: false,
        why: `it may not ${missing.join(', ')}`,
        hint: 'see engines/ggc/README.md for the roles that it needs',
      }
}
