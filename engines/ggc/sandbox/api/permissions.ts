import type { ApiCall, ApiReply, World } from '../../../../stacks/contract/sandbox.ts'
import { accountOf } from '../identify.ts'
import { ok } from './reply.ts'

/** Whether somebody asks a project for rights of their own. */
export function isPermissionTest({ host, method, path }: ApiCall): boolean {
  return host === 'cloudresourcemanager.googleapis.com' && method === 'POST' && path.endsWith(':testIamPermissions')
}

/** Whom the sandbox lets in may do all that was asked about, in projects of its own. */
export function testPermissions({ path, body }: ApiCall, { cloudAccount }: Pick<World, 'cloudAccount'>): ApiReply {
  const project = /\/projects\/([^/:]+)/.exec(path)?.[1] ?? ''
  const { permissions = [] } = (body ?? {}) as { permissions?: string[] }
  return ok(accountOf(project) === cloudAccount ? { permissions } : {})
}
