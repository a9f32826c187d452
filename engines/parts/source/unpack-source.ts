import { mkdir, rm } from 'node:fs/promises'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { type ReadEntry, Unpack } from 'tar'
import { PipiError } from '../../../catalog/errors.ts'

export interface UploadOrder {
  /** A tar.gz. */
  archive: Uint8Array
  /** Emptied first; holds the source afterwards. */
  folder: string
  signal: AbortSignal
  /** Bytes once unpacked. */
  bytes?: number
  entries?: number
}

const BYTES = 500 * 1024 ** 2
const ENTRIES = 20_000

/** Unpacks an uploaded source: files and folders only, all below `folder`. Throws `source.unreachable` and leaves nothing. */
export async function unpackSource(order: UploadOrder): Promise<void> {
  await rm(order.folder, { recursive: true, force: true })
  await mkdir(order.folder, { recursive: true })
  let entries = 0
  let wrong: PipiError | undefined
  const unpack = new Unpack({
    cwd: order.folder,
    strict: true,
    preserveOwner: false,
    noMtime: true,
    filter: (path, found) => {
      const entry = found as ReadEntry
      entries += 1
      wrong ??= judge(path, entry, entries, order.entries ?? ENTRIES)
      // Nothing set-uid, nothing that its owner could not read.
      entry.mode = entry.type === 'Directory' || ((entry.mode ?? 0) & 0o100) !== 0 ? 0o755 : 0o644
      return wrong === undefined
    },
  })
  try {
    await pipeline(Readable.from([order.archive]), createGunzip(), atMost(order.bytes ?? BYTES), unpack, {
      signal: order.signal,
    })
    if (wrong !== undefined) throw wrong
  } catch (error) {
    // Files that were being written when it failed may still appear for a moment.
    await rm(order.folder, { recursive: true, force: true, maxRetries: 5 })
    order.signal.throwIfAborted()
    if (error instanceof PipiError) throw error
    throw refused(
      `The archive cannot be unpacked: ${error instanceof Error ? error.message : error}`,
      'Send the source as tar.gz.',
      error,
    )
  }
}

function judge(path: string, entry: ReadEntry, entries: number, most: number): PipiError | undefined {
  if (entries > most)
    return refused(`The archive holds more than ${most} entries`, 'Leave out caches and installed packages.')
  if (entry.type !== 'File' && entry.type !== 'OldFile' && entry.type !== 'Directory') {
    return refused(
      `${path} in the archive is a ${entry.type}`,
      'Only files and folders are taken along: put the file itself there.',
    )
  }
  const parts = path.split(/[/\\]/)
  if (parts.includes('..') || path.startsWith('/') || /^[A-Za-z]:/.test(path)) {
    return refused(`${path} in the archive leads out of it`, 'Pack the source with relative paths.')
  }
  return undefined
}

function atMost(bytes: number): Transform {
  let seen = 0
  return new Transform({
    transform(chunk: Buffer, _, next) {
      seen += chunk.length
      if (seen <= bytes) return next(null, chunk)
      next(
        refused(
          `The archive unpacks to more than ${Math.round(bytes / 1024 ** 2)} MiB`,
          'Leave out caches and large files.',
        ),
      )
    },
  })
}

function refused(message: string, hint: string, cause?: unknown): PipiError {
  return new PipiError('source.unreachable', message, { hint, ...(cause === undefined ? {} : { cause }) })
}
