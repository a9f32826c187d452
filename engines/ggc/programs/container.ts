import { Repository } from '@pulumi/gcp/artifactregistry/repository.js'
import { Service } from '@pulumi/gcp/cloudrunv2/service.js'
import { ServiceIamMember } from '@pulumi/gcp/cloudrunv2/serviceIamMember.js'
import { interpolate } from '@pulumi/pulumi'
import { PipiError } from '../../../catalog/errors.ts'
import type { ProgramModule } from '../../contract/engine.ts'
import { declareByType } from '../../parts/declare/by-type.ts'
import { packImage } from '../../parts/image/pack-image.ts'
import { OWN } from '../own-types.ts'
import { cpuFor } from '../rules/sizes.ts'
import { declareIdentity, letIn } from './identity.ts'

/** As Cloud Run itself proposes; what listens is told by PORT. */
const PORT = 8080
/** As services have. */
const TIMEOUT_S = 10
/** Cloud Run looks no longer than four minutes at what is starting. */
const STARTS_WITHIN_S = 240
/** Who has less than a whole CPU takes one request at a time. */
const AT_ONCE = 80

/** A Cloud Run service of an image in a repository of its own, which never keeps an instance and never has two. */
export default {
  kind: 'container',
  pack: packImage,
  declare({ component, slug, region, artifact, environment, uses }) {
    const { name, health } = component
    if (artifact.travels !== 'image') {
      throw new PipiError(
        'platform.internal',
        `expected an image for "${name}", got an artifact that travels as ${artifact.travels}`,
      )
    }
    const repository = new Repository(`${name}-repository`, {
      repositoryId: slug,
      location: region,
      format: 'DOCKER',
      // Should ever something stay behind: the newest two are kept whatever else is said, and old ones without a tag go.
      cleanupPolicies: [
        { id: 'newest', action: 'KEEP', mostRecentVersions: { keepCount: 2 } },
        { id: 'old', action: 'DELETE', condition: { tagState: 'UNTAGGED', olderThan: '86400s' } },
      ],
      cleanupPolicyDryRun: false,
      // Scanning costs by the image.
      vulnerabilityScanningConfig: { enablementConfig: 'DISABLED' },
    })
    const place = interpolate`${region}-docker.pkg.dev/${repository.project}/${repository.repositoryId}/app`
    const image = declareByType(
      OWN.image,
      `${name}-image`,
      { repository: place, digest: artifact.digest, bytes: artifact.bytes, layout: artifact.path },
      { dependsOn: [repository] },
    )
    const identity = declareIdentity(`${name}-identity`, slug, `${name} of a workspace`)
    const rights = letIn(name, identity.member, uses)
    const memoryMb = Math.max(256, component.memoryMb)
    // Shares are taken in hundredths, whatever the SDK's own words about whole ones.
    const cpu = Math.ceil(cpuFor(memoryMb / 1024) * 100) / 100
    const service = new Service(
      `${name}-service`,
      {
        name: slug,
        location: region,
        ingress: 'INGRESS_TRAFFIC_ALL',
        deletionProtection: false,
        template: {
          serviceAccount: identity.email,
          timeout: `${TIMEOUT_S}s`,
          maxInstanceRequestConcurrency: cpu < 1 ? 1 : AT_ONCE,
          scaling: { minInstanceCount: 0, maxInstanceCount: 1 },
          containers: [
            {
              image: interpolate`${place}@sha256:${artifact.digest}`,
              ports: { containerPort: PORT },
              // Charged while it answers, and not while it waits.
              resources: {
                cpuIdle: true,
                startupCpuBoost: false,
                limits: { cpu: String(cpu), memory: `${memoryMb}Mi` },
              },
              envs: Object.entries(environment).map(([key, value]) => ({ name: key, value })),
              startupProbe: {
                httpGet: { path: health },
                periodSeconds: 1,
                timeoutSeconds: 1,
                failureThreshold: STARTS_WITHIN_S,
              },
            },
          ],
        },
        traffics: [{ type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST', percent: 100 }],
      },
      { dependsOn: [image, ...rights] },
    )
    new ServiceIamMember(`${name}-public`, {
      location: region,
      name: service.name,
      role: 'roles/run.invoker',
      member: 'allUsers',
    })
    return { url: service.uri, service: service.id }
  },
} satisfies ProgramModule<'container'>
