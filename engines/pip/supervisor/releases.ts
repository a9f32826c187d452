import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'
import { copyAndDigest, digestOf, listFiles } from '../../parts/build/digest.ts'
import { folderSize } from '../../parts/build/folder-size.ts'
import { syncFolder } from './atomic-file.ts'
import { KEPT_RELEASES, keptMib, type ProcessSpec } from './spec.ts'

export type Artifact = Pick<ProcessSpec, 'name' | 'source' | 'digest' | 'bytes'>
type Key = Pick<Artifact, 'name' | 'digest'>

const MIB = 1024 ** 2

/**
 * The host's own copies of artifacts: `<folder>/<process>/<digest>/`. The last ones stay, so that going back to one
 * needs neither a build nor a copy. One process' releases are handled one at a time.
 */
export class Releases {
  readonly #folder: string

  static async open(folder: string): Promise<Releases> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return new Releases(folder)
  }

  private constructor(folder: string) {
    this.#folder = folder
  }

  /**
   * Copies an artifact, unless it is there. Throws `provider.failed` when the bytes are not those of the digest, or more
   * than said. Returns whether it was copied.
   */
  async make(artifact: Artifact): Promise<boolean> {
    const place = this.path(artifact)
    if ((await this.digestNow(artifact)) === artifact.digest) return false
    const temporary = `${place}.new`
    await rm(temporary, { recursive: true, force: true })
    try {
      const digest = await copyOf(artifact, temporary)
      if (digest !== artifact.digest) throw differs(artifact, digest)
      await rm(place, { recursive: true, force: true })
      await rename(temporary, place)
      await syncFolder(join(this.#folder, artifact.name))
    } finally {
      await rm(temporary, { recursive: true, force: true })
    }
    return true
  }

  path({ name, digest }: Key): string {
    return join(this.#folder, name, digest.slice(0, NAME_LENGTH))
  }

  /** The digest of the files as they lie there now, or undefined when there are none. */
  async digestNow(artifact: Key): Promise<string | undefined> {
    const files = await listFiles(this.path(artifact)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
      return undefined
    })
    return files && digestOf(files)
  }

  /** What is there of a process, the one used last first, by the beginning of its digest. */
  async list(name: string): Promise<string[]> {
    const names = (await readdir(join(this.#folder, name)).catch(() => [])).filter((each) => !each.endsWith('.new'))
    const used = await Promise.all(
      names.map(async (each) => ({ each, at: (await stat(join(this.#folder, name, each))).mtimeMs })),
    )
    return used.sort((one, other) => other.at - one.at).map(({ each }) => each)
  }

  async remove(artifact: Key): Promise<void> {
    await removeFolder(this.path(artifact))
  }

  /** The current release, and of those before it the last ones, as many and as large as a process may keep. */
  async keepLast(current: Key | undefined, name: string): Promise<void> {
    const folder = join(this.#folder, name)
    if (current === undefined) return removeFolder(folder)
    const place = this.path(current)
    const now = new Date()
    // Its place in the order of use; what it holds is not touched.
    await utimes(place, now, now).catch(() => undefined)
    let [left, room] = [KEPT_RELEASES - 1, keptMib(Math.ceil((await folderSize(place)).bytes / MIB)) * MIB]
    for (const each of await this.list(name)) {
      const path = join(folder, each)
      if (path === place) continue
      const size = left > 0 ? (await folderSize(path)).bytes : 0
      if (left > 0 && size <= room) [left, room] = [left - 1, room - size]
      else await removeFolder(path)
    }
  }

  /** Removes what belongs to no process, and copies that were being made when a supervisor was killed. */
  async keepOnlyOf(kept: Key[]): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      const current = kept.find((artifact) => artifact.name === name)
      for (const each of await readdir(join(this.#folder, name))) {
        if (each.endsWith('.new')) await removeFolder(join(this.#folder, name, each))
      }
      await this.keepLast(current, name)
    }
  }
}

/** Characters of a digest that name a folder. */
const NAME_LENGTH = 16

async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 })
}

async function copyOf(artifact: Artifact, target: string): Promise<string> {
  const files = await listFiles(artifact.source).catch((cause: NodeJS.ErrnoException) => {
    throw new PipiError('provider.failed', `The artifact of ${artifact.name} cannot be read: ${cause.message}`, {
      hint: 'It has to lie on this host. Deploy again to build it again.',
      cause,
    })
  })
  const bytes = files.reduce((sum, file) => sum + file.size, 0)
  if (bytes > artifact.bytes) {
    throw new PipiError(
      'provider.failed',
      `The artifact of ${artifact.name} has ${bytes} bytes, granted are ${artifact.bytes}`,
      { hint: 'It changed after it was planned. Deploy again.' },
    )
  }
  return copyAndDigest(files, target)
}

function differs(artifact: Artifact, digest: string): PipiError {
  return new PipiError('provider.failed', `The artifact of ${artifact.name} is not the one that was built`, {
    hint: 'Its folder was changed. Deploy again to build it again.',
    data: { expected: artifact.digest, got: digest },
  })
}
