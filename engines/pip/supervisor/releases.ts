import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'
import { copyAndDigest, digestOf, listFiles } from '../../parts/build/digest.ts'
import { syncFolder, writeAtomic } from './atomic-file.ts'
import { type ReleaseSpec, type ReleaseStatus, releaseId, releaseSpecSchema } from './spec.ts'
import { Turns } from './turns.ts'

/** The host's own copies of artifacts: `<folder>/<id>/files` beside `<folder>/<id>/release.json`. */
export class Releases {
  readonly #folder: string
  readonly #turns = new Turns()

  static async open(folder: string): Promise<Releases> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    // Half-made copies of a supervisor that was killed.
    for (const name of await readdir(folder)) {
      if (name.endsWith('.new')) await rm(join(folder, name), { recursive: true, force: true })
    }
    return new Releases(folder)
  }

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** Copies an artifact, once. Throws `provider.failed` when the bytes are not those of the digest, or more than said. */
  async make(spec: ReleaseSpec): Promise<ReleaseStatus> {
    const id = releaseId(spec)
    return this.#turns.take(id, () => this.#make(id, spec))
  }

  async #make(id: string, spec: ReleaseSpec): Promise<ReleaseStatus> {
    const known = await this.get(id)
    if (known !== undefined && known.spec.digest === spec.digest) {
      await writeAtomic(join(this.#folder, id, 'release.json'), JSON.stringify(spec))
      return { ...known, spec }
    }
    const place = join(this.#folder, id)
    const temporary = `${place}.new`
    for (const old of [place, temporary]) await rm(old, { recursive: true, force: true })
    try {
      const digest = await this.#copy(spec, join(temporary, 'files'))
      if (digest !== spec.digest) throw differs(spec, digest)
      await writeAtomic(join(temporary, 'release.json'), JSON.stringify(spec))
      await rename(temporary, place)
      await syncFolder(this.#folder)
    } finally {
      await rm(temporary, { recursive: true, force: true })
    }
    return { id, spec, path: join(place, 'files') }
  }

  /** A release as it lies there now: its digest is that of its files, whatever they were once. */
  async get(id: string): Promise<ReleaseStatus | undefined> {
    const place = join(this.#folder, id)
    const path = join(place, 'files')
    const text = await readFile(join(place, 'release.json'), 'utf8').catch(() => undefined)
    if (text === undefined || (await stat(path).catch(() => undefined)) === undefined) return undefined
    const spec = releaseSpecSchema.parse(JSON.parse(text))
    const digest = await digestOf(await listFiles(path))
    return { id, spec: { ...spec, digest }, path }
  }

  path(id: string): string {
    return join(this.#folder, id, 'files')
  }

  async remove(id: string): Promise<void> {
    await this.#turns.take(id, () => rm(join(this.#folder, id), { recursive: true, force: true, maxRetries: 3 }))
  }

  async #copy(spec: ReleaseSpec, target: string): Promise<string> {
    const files = await listFiles(spec.source).catch((cause: NodeJS.ErrnoException) => {
      throw new PipiError('provider.failed', `The artifact of ${spec.name} cannot be read: ${cause.message}`, {
        hint: 'It has to lie on this host. Deploy again to build it again.',
        cause,
      })
    })
    const bytes = files.reduce((sum, file) => sum + file.size, 0)
    if (bytes > spec.bytes) {
      throw new PipiError(
        'provider.failed',
        `The artifact of ${spec.name} has ${bytes} bytes, granted are ${spec.bytes}`,
        {
          hint: 'It changed after it was planned. Deploy again.',
        },
      )
    }
    await mkdir(target, { recursive: true })
    return copyAndDigest(files, target)
  }
}

function differs(spec: ReleaseSpec, digest: string): PipiError {
  return new PipiError('provider.failed', `The artifact of ${spec.name} is not the one that was built`, {
    hint: 'Its folder was changed. Deploy again to build it again.',
    data: { expected: spec.digest, got: digest },
  })
}
