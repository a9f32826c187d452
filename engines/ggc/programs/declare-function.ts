import { join } from 'node:path'
import { Function as CloudFunction } from '@pulumi/gcp/cloudfunctionsv2/function.js'
import { ServiceIamMember } from '@pulumi/gcp/cloudrunv2/serviceIamMember.js'
import { Bucket } from '@pulumi/gcp/storage/bucket.js'
import { BucketObject } from '@pulumi/gcp/storage/bucketObject.js'
import { asset } from '@pulumi/pulumi'
import { PipiError } from '../../../catalog/errors.ts'
import type { Artifact, Built, ProgramContext, ProgramOutputs } from '../../contract/engine.ts'
import type { ComponentOf } from '../../contract/manifest.ts'
import { packFunction } from '../../parts/zip/function-zip.ts'

const RUNTIME = 'nodejs22'
const ENTRY_POINT = 'handle'

/** The zip of a function: the bootstrap beside what was built, and the package file that its build looks for. */
export function packFor(built: Built, component: ComponentOf<'site' | 'service'>, folder: string): Promise<Artifact> {
  // No "type": a server without a package file of its own stays what Node takes it for.
  const manifest = {
    name: 'component',
    version: '1.0.0',
    private: true,
    main: 'index.mjs',
    dependencies: { '@google-cloud/functions-framework': '^4.0.0' },
  }
  return packFunction(built, component, folder, {
    bootstrap: join(import.meta.dirname, '..', 'bootstrap.mjs'),
    as: 'index.mjs',
    extra: [{ name: 'package.json', text: `${JSON.stringify(manifest, null, 2)}\n` }],
  })
}

/** One function of the second generation, open to everybody, that never keeps an instance and never has two. */
export function declareFunction(
  context: Omit<ProgramContext<'service'>, 'component'> & { component: { name: string } },
  size: { memoryMb: number; timeoutS: number },
): ProgramOutputs {
  const { component, slug, artifact, region } = context
  if (artifact.travels !== 'file') {
    throw new PipiError(
      'platform.internal',
      `expected a zip for "${component.name}", got an artifact that travels as ${artifact.travels}`,
    )
  }
  const name = component.name
  const bucket = new Bucket(`${name}-bucket`, {
    name: `${slug}-source`,
    location: region.toUpperCase(),
    storageClass: 'STANDARD',
    uniformBucketLevelAccess: true,
    publicAccessPrevention: 'enforced',
    // A deleted zip would otherwise be kept, and counted, for a week.
    softDeletePolicy: { retentionDurationSeconds: 0 },
    forceDestroy: true,
  })
  const source = new BucketObject(`${name}-source`, {
    bucket: bucket.name,
    name: `${artifact.digest.slice(0, 32)}.zip`,
    source: new asset.FileAsset(artifact.path),
    contentType: 'application/zip',
  })
  const fn = new CloudFunction(`${name}-function`, {
    name: slug,
    location: region,
    buildConfig: {
      runtime: RUNTIME,
      entryPoint: ENTRY_POINT,
      source: { storageSource: { bucket: bucket.name, object: source.name } },
    },
    serviceConfig: {
      minInstanceCount: 0,
      maxInstanceCount: 1,
      availableMemory: `${size.memoryMb}Mi`,
      timeoutSeconds: size.timeoutS,
      ingressSettings: 'ALLOW_ALL',
      allTrafficOnLatestRevision: true,
      ...(Object.keys(context.environment).length === 0 ? {} : { environmentVariables: context.environment }),
    },
  })
  // The service behind a function carries the function's name.
  new ServiceIamMember(`${name}-public`, {
    location: region,
    name: fn.name,
    role: 'roles/run.invoker',
    member: 'allUsers',
  })
  return { url: fn.url, function: fn.id }
}
