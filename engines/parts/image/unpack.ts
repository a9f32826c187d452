import { createReadStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { PassThrough, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { PipiError } from '../../../catalog/errors.ts'
import { clearFolder } from '../build/clear-folder.ts'
import { digestingStream } from './digesting-stream.ts'
import { type LayoutBlob, openLayout } from './layout.ts'
import { MEDIA, type OciConfig } from './oci.ts'
import { readTar, type TarEntry } from './read-tar.ts'
import { Rootfs } from './rootfs.ts'

/** What an image says of how it is run. */
export interface ImageConfig {
  entrypoint: string[]
  cmd: string[]
  /** As `NAME=value`. */
  env: string[]
  /** Absolute, inside the image. */
  workingDir: string
  /** As the image names it: a number, a name, or either with a group after a colon; empty: root. */
  user: string
}

export interface UnpackOptions {
  signal: AbortSignal
  /** Most bytes of all layers together, once unpacked, with a block for each entry. */
  bytes?: number
  /** Most entries of all layers together, and folders that they imply. */
  entries?: number
}

const BYTES = 4 * 1024 ** 3
export const MOST_ENTRIES = 200_000
/** What a file takes of a disk at most beyond its bytes, and a folder at all. */
export const BLOCK = 4096
const CHUNK = 256 * 1024

/**
 * Unpacks the layers of a layout, in order, onto `rootfs`: emptied first; holds the files afterwards, or is not there
 * when it failed. Every byte is digested before it counts. Devices and pipes are left out, owners and set-uid too.
 * Links stay as they are: inside the image they lead where they should, for who reads from outside they may lead
 * anywhere. Throws `build.failed`.
 */
export async function unpackImage(
  layoutPath: string,
  rootfs: string,
  options: UnpackOptions,
): Promise<{ config: ImageConfig }> {
  const { signal } = options
  const { layers, config } = await openLayout(layoutPath)
  await clearFolder(rootfs)
  await mkdir(rootfs, { recursive: true })
  const left = { bytes: options.bytes ?? BYTES, entries: options.entries ?? MOST_ENTRIES }
  const files = new Rootfs(rootfs, () => takeEntry(left))
  try {
    for (const [at, layer] of layers.entries()) {
      await unpackLayer(layer, config.rootfs.diff_ids[at] ?? '', files, left, signal)
    }
  } catch (error) {
    await clearFolder(rootfs)
    signal.throwIfAborted()
    throw new PipiError(
      'build.failed',
      `The image is not unpacked: ${error instanceof Error ? error.message : error}`,
      {
        hint: 'Is the base image one that others run too? Its layers hold files and links by paths inside the image.',
        cause: error,
      },
    )
  }
  return { config: asRun(config) }
}

async function unpackLayer(
  layer: LayoutBlob,
  diffId: string,
  files: Rootfs,
  left: { bytes: number; entries: number },
  signal: AbortSignal,
): Promise<void> {
  const outside = digestingStream()
  const inside = digestingStream()
  files.beginLayer()
  let placing: Promise<void> | undefined
  const placeAll = async (bytes: AsyncIterable<Buffer>): Promise<void> => {
    for await (const entry of readTar(bytes)) {
      takeEntry(left)
      await place(files, entry)
    }
  }
  try {
    await pipeline(
      createReadStream(layer.path, { highWaterMark: CHUNK }),
      outside.stream,
      opening(layer.mediaType),
      atMost(left),
      inside.stream,
      (bytes: AsyncIterable<Buffer>) => {
        placing = placeAll(bytes)
        return placing
      },
      { signal },
    )
  } finally {
    // Whoever clears up after a failure must not be overtaken by what was being written.
    await placing?.catch(() => undefined)
  }
  if (outside.digest() !== layer.digest) throw new Error(`${layer.digest} has other bytes`)
  if (inside.digest() !== diffId) throw new Error(`${layer.digest} holds other bytes than the configuration says`)
}

const HIDDEN = '.wh.'
const ALL_HIDDEN = '.wh..wh..opq'

async function place(files: Rootfs, entry: TarEntry): Promise<void> {
  const parts = partsOf(entry.path)
  const name = parts.at(-1)
  // The root itself is there.
  if (name === undefined) return
  if (name === ALL_HIDDEN) return files.hideAll(parts.slice(0, -1))
  // Notes that a file system of Docker's left for itself.
  if (name.startsWith('.wh..wh.')) return
  if (name.startsWith(HIDDEN)) return files.hide([...parts.slice(0, -1), hiddenName(name)])
  if (entry.type === 'folder') return files.folder(parts, entry.mode)
  if (entry.type === 'file') return files.file(parts, entry.mode, entry.body())
  if (entry.type === 'symlink') return files.symlink(parts, entry.linkpath)
  if (entry.type === 'hardlink') return files.hardlink(parts, partsOf(entry.linkpath))
}

function hiddenName(name: string): string {
  const hidden = name.slice(HIDDEN.length)
  if (['', '.', '..'].includes(hidden)) throw new Error(`${JSON.stringify(name)} hides no file`)
  return hidden
}

/** A path of the archive inside the image; absolute ones begin at its root. */
export function partsOf(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..') || path.includes('\0'))
    throw new Error(`${JSON.stringify(path.slice(0, 100))} leads out of it`)
  return parts
}

function opening(mediaType: string): Transform {
  if (mediaType === MEDIA.tar) return new PassThrough()
  if (mediaType === MEDIA.zstd) return createZstdDecompress({ chunkSize: CHUNK })
  if (mediaType === MEDIA.gzip || mediaType === MEDIA.dockerGzip) return createGunzip({ chunkSize: CHUNK })
  throw new Error(`a layer is ${mediaType}`)
}

const TOO_LARGE = 'it unpacks to more than is allowed'

function atMost(left: { bytes: number }): Transform {
  return new Transform({
    transform(chunk: Buffer, _, next) {
      left.bytes -= chunk.length
      if (left.bytes >= 0) next(null, chunk)
      else next(new Error(TOO_LARGE))
    },
  })
}

function takeEntry(left: { bytes: number; entries: number }): void {
  left.entries -= 1
  if (left.entries < 0) throw new Error('it holds too many entries')
  left.bytes -= BLOCK
  if (left.bytes < 0) throw new Error(TOO_LARGE)
}

function asRun({ config }: OciConfig): ImageConfig {
  return {
    entrypoint: config?.Entrypoint ?? [],
    cmd: config?.Cmd ?? [],
    env: config?.Env ?? [],
    workingDir: config?.WorkingDir || '/',
    user: config?.User ?? '',
  }
}
