import { PipiError } from '../../../catalog/errors.ts'
import type { ComponentOf } from '../../contract/component.ts'
import type { Artifact, Built, Packing, ProgramModule } from '../../contract/engine.ts'
import { digestOf, listFiles } from '../../parts/build/digest.ts'
import { unpackedBytes } from '../../parts/container/unpacked-bytes.ts'
import { packImage } from '../../parts/image/pack-image.ts'
import { domainsOf } from './domains-of.ts'
import { runProcess } from './run-process.ts'

/** An image, run by the supervisor itself: the host needs nothing that runs containers. It is for machines like this one. */
export default {
  kind: 'container',
  pack,
  declare(context) {
    const { component, artifact, surroundings } = context
    if (artifact.travels !== 'image') {
      throw new PipiError(
        'platform.internal',
        `A container is an image, and this artifact travels as ${artifact.travels}`,
      )
    }
    const { path, digest, bytes, unpacked } = artifact
    const lacks = surroundings?.lacks
    const own = {
      runtime: 'container',
      health: component.health,
      ...(unpacked === undefined ? {} : { unpacked }),
      ...(lacks === undefined ? {} : { lacks }),
      ...domainsOf(component, surroundings),
    } as const
    return { url: runProcess(context, own, { source: path, digest, bytes }).url }
  },
} satisfies ProgramModule<'container'>

/**
 * The layout travels as the files it consists of. All is measured here, where a broken image is its own deployment's failure:
 * what fails unseen while resources are declared, Pulumi takes for a failure of all that this process deploys.
 */
async function pack(
  built: Built,
  component: ComponentOf<'container'>,
  folder: string,
  packing?: Packing,
): Promise<Extract<Artifact, { travels: 'image' }>> {
  const { path } = await packImage(built, component, folder, packing, process.arch === 'arm64' ? 'arm64' : 'amd64')
  const unpacked = await unpackedBytes(path)
  const files = await listFiles(path)
  const bytes = files.reduce((sum, { size }) => sum + size, 0)
  return { travels: 'image', path, digest: await digestOf(files), bytes, unpacked }
}
