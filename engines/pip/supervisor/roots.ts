import { mkdir, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { clearFolder } from '../../parts/build/clear-folder.ts'
import type { ContainerStart } from '../../parts/container/start-of.ts'
import type { ProcessSpec } from './spec.ts'
import { Turns } from './turns.ts'
import { readStart, unpackRoot } from './unpack-root.ts'

/** An unpacked image, while something runs in it. */
export interface Root {
  /** The image's files. */
  path: string
  start: ContainerStart
  /** Nothing runs in it any more. */
  leave(): Promise<void>
}

/** Milliseconds that an image may take to be unpacked: the largest, on a slow disk. */
const UNPACK_MS = 300_000

type Key = Pick<ProcessSpec, 'name' | 'digest'>

/**
 * Images of this host's containers, unpacked: `<folder>/<process>/<digest>/files`, with `start.json` beside them. A release is
 * kept as it was packed; unpacked is only what runs, and what ran until just now.
 */
export class Roots {
  readonly #folder: string
  readonly #unpackMs: number
  readonly #wanted = new Map<string, string>()
  readonly #used = new Map<string, number>()
  readonly #turns = new Turns()
  /** Who waits until one is left, by the process. */
  readonly #waiting = new Map<string, (() => void)[]>()

  /** What is there of others than those that shall run goes. */
  static async open(folder: string, wanted: Key[], unpackMs = UNPACK_MS): Promise<Roots> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const roots = new Roots(folder, unpackMs)
    for (const { name, digest } of wanted) roots.#wanted.set(name, digest)
    for (const name of await readdir(folder)) await roots.#tidy(name)
    return roots
  }

  private constructor(folder: string, unpackMs: number) {
    this.#folder = folder
    this.#unpackMs = unpackMs
  }

  /**
   * The files of a container's image, unpacked from its release where they are not yet: while two others of the process are
   * there, once one of them is left, since a release and its successor is what the ledger holds. Throws `build.failed` or
   * `provider.failed`.
   */
  async take(spec: ProcessSpec, release: string): Promise<Root> {
    for (;;) {
      const left = Promise.withResolvers<void>()
      const root = await this.#turns.take(spec.name, async () => {
        if (this.#others(spec) < 2) return this.#take(spec, release)
        this.#waiting.set(spec.name, [...(this.#waiting.get(spec.name) ?? []), left.resolve])
        return undefined
      })
      if (root !== undefined) return root
      await left.promise
    }
  }

  async #take(spec: ProcessSpec, release: string): Promise<Root> {
    const place = this.#place(spec)
    let start = await readStart(place)
    if (start === undefined) {
      await clearFolder(place)
      start = await unpackRoot(spec, release, place, this.#unpackMs)
    }
    this.#used.set(place, (this.#used.get(place) ?? 0) + 1)
    let gone = false
    const leave = () =>
      this.#turns.take(spec.name, async () => {
        if (gone) return
        gone = true
        const left = (this.#used.get(place) ?? 1) - 1
        if (left > 0) this.#used.set(place, left)
        else this.#used.delete(place)
        await this.#tidy(spec.name)
      })
    return { path: join(place, 'files'), start, leave }
  }

  /** How many images of the process are kept beside this one. */
  #others({ name, digest }: Key): number {
    const wanted = this.#wanted.get(name)
    const kept = new Set([...this.#used.keys()].filter((place) => dirname(place) === join(this.#folder, name)))
    if (wanted !== undefined) kept.add(this.#place({ name, digest: wanted }))
    kept.delete(this.#place({ name, digest }))
    return kept.size
  }

  /** What of a process shall run from now on; undefined: nothing that has an image. All else goes once nothing runs in it. */
  async want(name: string, digest: string | undefined): Promise<void> {
    await this.#turns.take(name, async () => {
      if (digest === undefined) this.#wanted.delete(name)
      else this.#wanted.set(name, digest)
      await this.#tidy(name)
    })
  }

  async #tidy(name: string): Promise<void> {
    const digest = this.#wanted.get(name)
    const wanted = digest === undefined ? undefined : this.#place({ name, digest })
    const there = (await readdir(join(this.#folder, name)).catch(() => [])).map((each) =>
      join(this.#folder, name, each),
    )
    const gone = there.filter((place) => place !== wanted && !this.#used.has(place))
    for (const place of gone) await clearFolder(place)
    if (gone.length === there.length) await clearFolder(join(this.#folder, name))
    const waiting = this.#waiting.get(name) ?? []
    this.#waiting.delete(name)
    for (const go of waiting) go()
  }

  #place({ name, digest }: Key): string {
    return join(this.#folder, name, digest.slice(0, 16))
  }
}
