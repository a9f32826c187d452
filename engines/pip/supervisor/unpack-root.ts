import { execFile } from 'node:child_process'
import { mkdir, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { PipiError } from '../../../catalog/errors.ts'
import { clearFolder } from '../../parts/build/clear-folder.ts'
import { buildUser, giveTo } from '../../parts/build/walls/build-user.ts'
import { prepareRoot } from '../../parts/container/mount-point.ts'
import { type ContainerStart, containerStart } from '../../parts/container/start-of.ts'
import { openLayout } from '../../parts/image/layout.ts'
import { unpackImage } from '../../parts/image/unpack.ts'
import { syncFolder } from './atomic-file.ts'
import { readKept, writeKept } from './kept-file.ts'
import type { ProcessSpec } from './spec.ts'

/** Written last, so that all that it stands beside is there. */
const START = 'start.json'
const startSchema: z.ZodType<ContainerStart> = z.object({
  command: z.array(z.string()),
  at: z.string(),
  uid: z.int(),
  gid: z.int(),
  environment: z.record(z.string(), z.string()),
})

/**
 * Unpacks a release's image into a place, as `files` with how it is started beside them, or leaves nothing there. Throws
 * `build.failed`, or `provider.failed` where it is not for this host, or takes longer than `ms`.
 */
export async function unpackRoot(
  spec: ProcessSpec,
  release: string,
  place: string,
  ms: number,
): Promise<ContainerStart> {
  const { architecture, os } = (await openLayout(release)).config
  const ours = process.arch === 'x64' ? 'amd64' : process.arch
  if (os !== 'linux' || architecture !== ours) {
    throw new PipiError(
      'provider.failed',
      `the image of ${spec.name} is for ${os}/${architecture}, this host is linux/${ours}`,
      {
        hint: 'A container runs on hosts of the same kind as the machine of the platform.',
      },
    )
  }
  const half = `${place}.new`
  const files = join(half, 'files')
  try {
    await clearFolder(half)
    await mkdir(half, { recursive: true, mode: 0o700 })
    const signal = AbortSignal.timeout(ms)
    const { config } = await unpackImage(release, files, { signal, bytes: spec.unpacked ?? 0 }).catch((cause) => {
      if (!signal.aborted) throw cause
      throw new PipiError('provider.failed', `the image of ${spec.name} was not unpacked in ${ms / 1000} s`, {
        hint: 'Is the disk of the host slow, or full? Try again, or take a smaller base image.',
        cause,
      })
    })
    const start = await containerStart(config, files)
    await prepareRoot(files, start.at)
    const user = await buildUser(`host/${ownerOf(spec)}`)
    if (user !== undefined) await giveTo(user, files)
    // A folder's name outlives a power loss sooner than what is in its files: that comes first, and says so last.
    await promisify(execFile)('sync', ['-f', half])
    await writeKept(join(half, START), start)
    await rename(half, place)
    await syncFolder(dirname(place))
    return start
  } finally {
    await clearFolder(half)
  }
}

/** Whose it is: all of one workspace's run as the same user outside. */
export function ownerOf({ name, labels }: Pick<ProcessSpec, 'name' | 'labels'>): string {
  return labels['pipi-workspace'] ?? name
}

/** How what is unpacked in a place is started. Undefined: nothing is, or not all of it reached the disk. */
export async function readStart(place: string): Promise<ContainerStart | undefined> {
  return readKept(join(place, START), startSchema)
}
