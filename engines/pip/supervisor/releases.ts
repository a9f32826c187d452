import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'
import { copyAndDigest, digestOf, listFiles } from '../../parts/build/digest.ts'
import { syncFolder } from './atomic-file.ts'
import type { ProcessSpec } from './spec.ts'

export type Artifact = Pick<ProcessSpec, 'name' | 'source' | 'digest' | 'bytes'>

/** The host's own copies of artifacts: `<folder>/<process>/<digest>/`. One process' releases are handled one at a time. */
export class Releases {
  readonly #folder: string

  static async open(folder: string): Promise<Releases> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return new Releases(folder)
  }

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** Copies an artifact, once. Throws `provider.failed` when the bytes are not those of the digest, or more than said. */
  async make(artifact: Artifact): Promise<void> {
    const place = this.path(artifact)
    if ((await this.digestNow(artifact)) === artifact.digest) return
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
  }

  path({ name, digest }: Pick<Artifact, 'name' | 'digest'>): string {
    return join(this.#folder, name, digest.slice(0, 16))
  }

  /** The digest of the files as they lie there now, or undefined when there are none. */
  async digestNow(artifact: Pick<Artifact, 'name' | 'digest'>): Promise<string | undefined> {
    const files = await listFiles(this.path(artifact)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
      return undefined
    })
    return files && digestOf(files)
  }

  /** Removes all releases of a process but one; without one, all. */
  async keepOnly(name: string, kept: Pick<Artifact, 'name' | 'digest'> | undefined): Promise<void> {
    const folder = join(this.#folder, name)
    if (kept === undefined) return rm(folder, { recursive: true, force: true, maxRetries: 3 })
    for (const each of await readdir(folder).catch(() => [])) {
      const path = join(folder, each)
      if (path !== this.path(kept)) await rm(path, { recursive: true, force: true, maxRetries: 3 })
    }
  }

  /** Removes what belongs to no process: copies that were being made when a supervisor was killed. */
  async keepOnlyOf(kept: Pick<Artifact, 'name' | 'digest'>[]): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      await this.keepOnly(
        name,
        kept.find((artifact) => artifact.name === name),
      )
    }
  }
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
