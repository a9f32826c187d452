import { join } from 'node:path'
import { Function as CloudFunction } from '@pulumi/gcp/cloudfunctionsv2/function.js'
import { Bucket } from '@pulumi/gcp/storage/bucket.js'
import { BucketObject } from '@pulumi/gcp/storage/bucketObject.js'
import { asset } from '@pulumi/pulumi'
import { PipiError } from '../../../catalog/errors.ts'
import type { Artifact, Built, ProgramContext } from '../../contract/engine.ts'
import { type FunctionComponent, packFunction } from '../../parts/zip/function-zip.ts'
import { declareIdentity, letIn } from './identity.ts'

const RUNTIME = 'nodejs22'
const ENTRY_POINT = 'handle'

/** The zip of a function: the bootstrap beside what was built, and the package file that its build looks for. */
export function packFor(built: Built, component: FunctionComponent, folder: string): Promise<Artifact> {
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

/** What the carriers of code have in common, whatever their kind. */
export type CodeContext = Omit<ProgramContext<'service'>, 'component'> & { component: { name: string } }

export interface Size {
  memoryMb: number
  timeoutS: number
}

/**
 * One function of the second generation, that never keeps an instance and never has two, under an identity of its own.
 * Nobody may call it yet.
 */
export function declareCode(context: CodeContext, size: Size): CloudFunction {
  const { component, slug, artifact, region, uses, environment } = context
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
  const identity = declareIdentity(`${name}-identity`, slug, `${name} of a workspace`)
  const rights = letIn(name, identity.member, uses)
  return new CloudFunction(
    `${name}-function`,
    {
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
        // The framework itself needs some 70 MB beside the code.
        availableMemory: `${Math.max(256, size.memoryMb)}Mi`,
        timeoutSeconds: size.timeoutS,
        ingressSettings: 'ALLOW_ALL',
        allTrafficOnLatestRevision: true,
        serviceAccountEmail: identity.email,
        ...(Object.keys(environment).length === 0 ? {} : { environmentVariables: environment }),
      },
    },
    { dependsOn: rights },
  )
}
