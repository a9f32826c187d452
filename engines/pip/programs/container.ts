import { PipiError } from '../../../catalog/errors.ts'
import type { ProgramModule } from '../../contract/engine.ts'
import { digestOf, listFiles } from '../../parts/build/digest.ts'
import { unpackedBytes } from '../../parts/container/unpacked-bytes.ts'
import { packImage } from '../../parts/image/pack-image.ts'
import { domainsOf } from './domains-of.ts'
import { runProcess } from './run-process.ts'

/** An image, run by the supervisor itself: the host needs nothing that runs containers. It is for machines like this one. */
export default {
  kind: 'container',
  pack: (built, component, folder, packing) =>
    packImage(built, component, folder, packing, process.arch === 'arm64' ? 'arm64' : 'amd64'),
  declare(context) {
    const { component, artifact, surroundings } = context
    if (artifact.travels !== 'image') {
      throw new PipiError(
        'platform.internal',
        `A container is an image, and this artifact travels as ${artifact.travels}`,
      )
    }
    // The layout travels as the files it consists of.
    const source = artifact.path
    const files = listFiles(source)
    const lacks = surroundings?.lacks
    const own = {
      runtime: 'container',
      health: component.health,
      unpacked: unpackedBytes(source),
      ...(lacks === undefined ? {} : { lacks }),
      ...domainsOf(component, surroundings),
    } as const
    const { url } = runProcess(context, own, {
      source,
      digest: files.then(digestOf),
      bytes: files.then((all) => all.reduce((sum, { size }) => sum + size, 0)),
    })
    return { url }
  },
} satisfies ProgramModule<'container'>
