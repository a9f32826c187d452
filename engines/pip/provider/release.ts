import { type ReleaseSpec, releaseId, releaseSpecSchema } from '../supervisor/spec.ts'
import type { HostResource } from './host-resource.ts'
import type { SupervisorClient } from './supervisor-client.ts'

/** `pip:host/release:Release`: an artifact's own copy on the host. */
export function releaseResource(supervisor: SupervisorClient): HostResource<ReleaseSpec> {
  return {
    schema: releaseSpecSchema,
    replaceOn: ['name', 'digest'],
    idOf: releaseId,
    // The same artifact may have been built at another place.
    ignore: { properties: ['source', 'bytes'], same: ['name', 'digest'] },
    computed: ['path'],
    async create(spec) {
      const made = await supervisor.makeRelease(releaseId(spec), spec)
      return { id: made.id, outputs: { ...made.spec, path: made.path } }
    },
    async read(id) {
      const found = await supervisor.release(id)
      return found && { inputs: { ...found.spec }, outputs: { ...found.spec, path: found.path } }
    },
    async update(id, spec) {
      const made = await supervisor.makeRelease(id, spec)
      return { ...made.spec, path: made.path }
    },
    delete: (id) => supervisor.removeRelease(id),
  }
}
