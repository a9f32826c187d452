import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { PipiError } from '../../../catalog/errors.ts'
import { folderSize } from '../../parts/build/folder-size.ts'
import { syncFolder } from './atomic-file.ts'
import { readKept, writeKept } from './kept-file.ts'
import { type ProcessSpec, type StoreSpec, type StoreStatus, storeSpecSchema } from './spec.ts'
import { Turns } from './turns.ts'

const MIB = 1024 ** 2
const OWNER = 'pipi-workspace'

/**
 * Folders of users' files: `<folder>/<name>/files`, with what was asked for beside it. Nothing but `remove` takes a file
 * out of one, and a store that somebody still uses is not removed.
 */
export class Stores {
  readonly #folder: string
  readonly #all: Map<string, StoreSpec>
  readonly #turns = new Turns()

  static async open(folder: string): Promise<Stores> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const all = new Map<string, StoreSpec>()
    for (const name of await readdir(folder)) {
      // Half removed when we were killed: it was asked for, and is done now.
      if (name.endsWith(GONE)) await rm(join(folder, name), { recursive: true, force: true })
      else {
        const spec = await readKept(join(folder, name, 'store.json'), storeSpecSchema)
        if (spec !== undefined) all.set(name, spec)
      }
    }
    return new Stores(folder, all)
  }

  private constructor(folder: string, all: Map<string, StoreSpec>) {
    this.#folder = folder
    this.#all = all
  }

  /** Makes a store, or changes its size. Throws `conflict.state` when what is in it would not fit, or it is another's. */
  async set(spec: StoreSpec): Promise<StoreStatus> {
    return this.#turns.take(spec.name, async () => {
      const known = this.#all.get(spec.name)
      if (known !== undefined && known.labels[OWNER] !== spec.labels[OWNER]) {
        throw new PipiError('conflict.state', `The store ${spec.name} is another workspace's`)
      }
      const held = await this.#held(spec.name)
      if (held > spec.size) {
        throw new PipiError('conflict.state', `${spec.name} holds ${held} MiB and cannot become ${spec.size}`, {
          hint: 'Take files out first, or leave its size as it is.',
        })
      }
      await mkdir(this.path(spec.name), { recursive: true, mode: 0o700 })
      await writeKept(join(this.#folder, spec.name, 'store.json'), spec)
      this.#all.set(spec.name, spec)
      return this.#status(spec)
    })
  }

  async get(name: string): Promise<StoreStatus | undefined> {
    const spec = this.#all.get(name)
    return spec && this.#status(spec)
  }

  async all(): Promise<StoreStatus[]> {
    return Promise.all([...this.#all.values()].map((spec) => this.#status(spec)))
  }

  /** Removes a store and all that is in it. The caller knows that nobody uses it any more. */
  async remove(name: string): Promise<void> {
    await this.#turns.take(name, async () => {
      if (!this.#all.has(name)) return
      const place = join(this.#folder, name)
      // Renamed first: killed in between, it is gone all the same.
      await rename(place, `${place}${GONE}`)
      await syncFolder(this.#folder)
      this.#all.delete(name)
      await rm(`${place}${GONE}`, { recursive: true, force: true, maxRetries: 3 })
    })
  }

  /** The stores that a process may use. Throws `conflict.state` for one that is not there or not its workspace's. */
  usedBy({ name, stores = [], labels }: ProcessSpec): { spec: StoreSpec; path: string }[] {
    return stores.map((store) => {
      const spec = this.#all.get(store)
      if (spec !== undefined && spec.labels[OWNER] === labels[OWNER]) return { spec, path: this.path(store) }
      throw new PipiError('conflict.state', `${name} uses the store ${store}, which is not there or not its own`)
    })
  }

  path(name: string): string {
    return join(this.#folder, name, 'files')
  }

  async #status(spec: StoreSpec): Promise<StoreStatus> {
    return { spec, url: `${pathToFileURL(this.path(spec.name))}/`, held: await this.#held(spec.name) }
  }

  async #held(name: string): Promise<number> {
    return Math.ceil((await folderSize(this.path(name))).bytes / MIB)
  }
}

const GONE = '.gone'
