import { asset } from '@pulumi/pulumi'
import { PipiError } from '../../../catalog/errors.ts'
import type { Artifact } from '../../contract/engine.ts'

/** The zip that travels, as inputs of its content. Throws `platform.internal` for what was packed in another way. */
export function fileOf(component: string, artifact: Artifact): { package: asset.Asset; digest: string } {
  if (artifact.travels === 'file') return { package: new asset.FileAsset(artifact.path), digest: artifact.digest }
  throw new PipiError(
    'platform.internal',
    `expected a zip for "${component}", got an artifact that travels as ${artifact.travels}`,
  )
}
