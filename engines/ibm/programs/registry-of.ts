import { secret } from '@pulumi/pulumi'
import type { ProgramContext } from '../../contract/engine.ts'
import { pullHost, registryOf } from '../registry.ts'
import { nameOf } from './project-of.ts'
import { AccessPolicy, Namespace, type Project, Secret, ServiceId, ServiceKey } from './resources.ts'

/** Where a workspace's images lie, and what Code Engine pulls them with. */
export interface WorkspaceRegistry {
  /** `us.icr.io/<namespace>`, and the same by the address that is not charged for. */
  pushed: string
  pulled: string
  namespace: Namespace
  login: Secret
  policy: AccessPolicy
}

/**
 * The namespace that all images of a workspace lie in. Who pulls them may do nothing else: a service ID that reads this
 * namespace, whose key lies in the project where no code of the workspace sees it.
 */
export function workspaceRegistry(context: ProgramContext<'container'>, project: Project): WorkspaceRegistry {
  const { region, together } = context
  const shared = together?.shared.get('registry') as WorkspaceRegistry | undefined
  if (shared !== undefined) return shared
  const [host, name] = [registryOf(region), nameOf(context, 30)]
  const { iamId } = new ServiceId('_puller', { name: `${name}-pull` })
  const { apikey } = new ServiceKey('_puller-key', { name: `${name}-pull`, iamId })
  const made = {
    pushed: `${host}/${name}`,
    pulled: `${pullHost(host)}/${name}`,
    namespace: new Namespace('_namespace', { registry: host, name }),
    policy: new AccessPolicy('_puller-policy', { iamId, role: 'Reader', registry: host, namespace: name }),
    login: new Secret('_puller-login', {
      project: project.id,
      name: 'registry-login',
      format: 'registry',
      data: secret({ server: pullHost(host), username: 'iamapikey', password: apikey }),
    }),
  }
  together?.shared.set('registry', made)
  return made
}
