import { z } from 'zod'
import type { Finding } from '../../contract/watch.ts'
import type { openManager } from './manager.ts'

/** What every deployment does. */
const DEPLOYS = [
  'Microsoft.Resources/subscriptions/resourceGroups/write',
  'Microsoft.Web/staticSites/write',
  'Microsoft.Web/sites/write',
]
const permissionsSchema = z.object({
  value: z.array(z.object({ actions: z.array(z.string()), notActions: z.array(z.string()).default([]) })),
})

/** Whether the application may deploy in its subscription, by the roles that Azure says it has there. */
export async function rightsOf(
  manager: Awaited<ReturnType<typeof openManager>>,
  subscription: string,
): Promise<Finding> {
  const finding = { what: 'rights', guard: true }
  try {
    const path = `${subscription}/providers/Microsoft.Authorization/permissions`
    const { value } = await manager.get(path, '2022-04-01', permissionsSchema)
    const may = (action: string) =>
      value.some(({ actions, notActions }) => actions.some(covers(action)) && !notActions.some(covers(action)))
    const missing = DEPLOYS.filter((action) => !may(action))
    return missing.length === 0
      ? { ...finding, ok: true, why: `it may ${DEPLOYS.join(', ')}` }
      : {
          ...finding,
          ok: false,
          why: `it may not ${missing.join(', ')}`,
          hint: 'it needs the role "Contributor" at the subscription',
        }
  } catch (error) {
    return { ...finding, ok: false, why: error instanceof Error ? error.message : String(error) }
  }
}

/** As Azure's roles name actions: `*` stands for anything, and letters may be large or small. */
function covers(action: string): (pattern: string) => boolean {
  return (pattern) => {
    const parts = pattern
      .toLowerCase()
      .split('*')
      .map((part) => part.replace(/[.\\^$+?()[\]{}|]/g, '\\$&'))
    return new RegExp(`^${parts.join('.*')}$`).test(action.toLowerCase())
  }
}
