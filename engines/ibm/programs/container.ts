import { PipiError } from '../../../catalog/errors.ts'
import type { ProgramModule } from '../../contract/engine.ts'
import { packImage } from '../../parts/image/pack-image.ts'
import { appSizeFor } from '../sizes.ts'
import { environmentOf } from './environment-of.ts'
import { projectOf } from './project-of.ts'
import { workspaceRegistry } from './registry-of.ts'
import { App, Image } from './resources.ts'

const PORT = 8080
/** Seconds that a request may take, with the start of the instance that it waits for. */
const TIMEOUT_S = 30
const AT_ONCE = 100

/** An image of its own in the workspace's namespace, run as an app while somebody asks for it. */
export default {
  kind: 'container',
  pack: packImage,
  declare(context) {
    const { component, slug, artifact } = context
    const { name, health } = component
    if (artifact.travels !== 'image')
      throw new PipiError(
        'platform.internal',
        `expected an image for "${name}", got an artifact that travels as ${artifact.travels}`,
      )
    const project = projectOf(context)
    const registry = workspaceRegistry(context, project)
    const kept = environmentOf(context, project)
    const image = new Image(
      `${name}-image`,
      {
        repository: `${registry.pushed}/${slug}`,
        digest: artifact.digest,
        bytes: artifact.bytes,
        layout: artifact.path,
      },
      { dependsOn: registry.namespace },
    )
    const { cpu, memory } = appSizeFor(component.memoryMb)
    const { url } = new App(
      `${name}-app`,
      {
        project: project.id,
        name: slug,
        // Known before it is pushed, as what it takes is.
        image_reference: `${registry.pulled}/${slug}@sha256:${artifact.digest}`,
        image_secret: registry.login.name,
        image_port: PORT,
        managed_domain_mappings: 'local_public',
        run_env_variables:
          kept === undefined
            ? []
            : [
                { type: 'secret_full_reference', reference: kept.secret.name },
                { type: 'literal', name: 'PIPI_CONFIGURATION', value: kept.digest },
              ],
        run_service_account: 'none',
        scale_min_instances: 0,
        scale_max_instances: 1,
        scale_concurrency: AT_ONCE,
        scale_cpu_limit: String(cpu),
        scale_memory_limit: `${memory}G`,
        scale_ephemeral_storage_limit: '400M',
        scale_request_timeout: TIMEOUT_S,
        scale_down_delay: 0,
        probe_readiness: { type: 'http', path: health, port: PORT, interval: 10, timeout: 5, failure_threshold: 3 },
        // Five minutes without an open port: it is started anew.
        probe_liveness: { type: 'tcp', port: PORT, interval: 30, timeout: 5, failure_threshold: 10 },
      },
      { dependsOn: [image, registry.policy] },
    )
    return { url }
  },
} satisfies ProgramModule<'container'>
