import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fetchObject } from './fetch-object.mjs'
import { untar } from './untar.mjs'
import { unzip } from './unzip.mjs'

/** The unpacked releases on the machine's disk, by digest: there again after a restart without asking anybody. */
export class Releases {
  #folder
  #fetch

  constructor(folder, fetch) {
    this.#folder = folder
    this.#fetch = fetch
  }

  /** The folder of a release; fetched and unpacked when it is not there. A half unpacked one never stands under its name. */
  async ensure(source, { release: digest, archive = 'zip' }) {
    const folder = join(this.#folder, digest)
    if (await exists(folder)) return folder
    const half = `${folder}.half`
    await rm(half, { recursive: true, force: true })
    await mkdir(half, { recursive: true })
    const bytes = await fetchObject(this.#fetch, source, `${digest}.${archive}`, digest)
    await (archive === 'tgz' ? untar : unzip)(bytes, half)
    await rename(half, folder)
    return folder
  }

  /** Removes what nothing runs and nothing wants. */
  async keepOnly(digests) {
    const names = await readdir(this.#folder).catch(() => [])
    for (const name of names) {
      if (!digests.has(name)) await rm(join(this.#folder, name), { recursive: true, force: true })
    }
  }
}

function exists(path) {
  return stat(path).then(
    () => true,
    () => false,
  )
}
