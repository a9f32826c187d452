import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { create } from 'tar'
import { PipiError } from '../../../catalog/errors.ts'
import type { ComponentOf } from '../../contract/component.ts'
import type { Artifact, Built, Packing } from '../../contract/engine.ts'
import { clearFolder } from '../../parts/build/clear-folder.ts'
import { prepareRoot } from '../../parts/container/mount-point.ts'
import { containerStart } from '../../parts/container/start-of.ts'
import { packImage } from '../../parts/image/pack-image.ts'
import { unpackImage } from '../../parts/image/unpack.ts'
import { MOST_BYTES } from './pack.ts'

/**
 * A container for the machine: the files of its image for Arm under `root/`, with how it starts beside them. Layers are laid
 * over each other here, since the machine has neither a registry nor anything that knows images. Same image, same digest.
 */
export async function packContainer(
  built: Built,
  component: ComponentOf<'container'>,
  folder: string,
  packing?: Packing,
): Promise<Artifact> {
  const image = await packImage(built, component, folder, packing, 'arm64')
  const work = join(folder, 'unpacked')
  const root = join(work, 'root')
  try {
    await mkdir(work, { recursive: true })
    const signal = packing?.signal ?? new AbortController().signal
    const { config } = await unpackImage(image.path, root, { signal })
    const start = await containerStart(config, root)
    await prepareRoot(root, start.at)
    await writeFile(join(work, 'pipi.json'), `${JSON.stringify({ start: 'container', ...start })}\n`)
    const path = join(folder, `${component.name}.tgz`)
    // A name that starts with "@" would be read as an archive to take over.
    const entries = (await readdir(work, { recursive: true, withFileTypes: true }))
      .map((entry) => `./${relative(work, join(entry.parentPath, entry.name))}`)
      .sort()
    await create(
      {
        file: path,
        cwd: work,
        gzip: { level: 6 },
        portable: true,
        noDirRecurse: true,
        mtime: new Date(0),
        strict: true,
      },
      entries,
    )
    const { size } = await stat(path)
    if (size > MOST_BYTES) throw tooLarge(component.name, size)
    return { travels: 'file', path, digest: await digestOf(path) }
  } finally {
    await clearFolder(work)
  }
}

function tooLarge(name: string, size: number): PipiError {
  const megabytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(0)
  return new PipiError(
    'build.failed',
    `the image of "${name}" has ${megabytes(size)} MB packed, and at most ${megabytes(MOST_BYTES)} MB travel`,
    { hint: 'take a smaller base image, as one that ends with "-slim", and leave development dependencies out' },
  )
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
