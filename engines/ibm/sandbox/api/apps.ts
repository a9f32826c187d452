import type { Json, StoredResource } from '../../../../stacks/contract/sandbox.ts'
import { asLeftOut } from '../apps.ts'

/** An app's body as inputs: what a merge leaves out stays, and what nobody ever set is as IBM has it. */
export function appInputs(project: string, body: Json, old: Json = asLeftOut()): Json {
  const { scale_initial_instances: _, ...given } = body
  return { ...old, ...given, project }
}

export function shownApp({ inputs, outputs }: StoredResource): Json {
  const { project, ...settings } = inputs
  const { entity_tag, revision, ready, status, endpoint } = outputs
  const isPublic = inputs.managed_domain_mappings === 'local_public'
  const named = (number: unknown) => `${String(inputs.name)}-${String(number).padStart(5, '0')}`
  return {
    ...settings,
    project_id: String(project).split('/')[1],
    resource_type: 'app_v2',
    entity_tag,
    status,
    status_details: {
      latest_created_revision: named(revision),
      ...(ready === undefined ? {} : { latest_ready_revision: named(ready) }),
      reason: REASONS[String(status)],
    },
    ...(isPublic && endpoint !== undefined ? { endpoint } : {}),
  }
}

const REASONS: Record<string, string> = {
  ready: 'ready',
  warning: 'ready_but_latest_revision_failed',
  failed: 'no_revision_ready',
}
