import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { removeForGood } from './atomic-file.ts'
import { readKept, writeKept } from './kept-file.ts'
import { processSpecSchema } from './spec.ts'

const desiredSchema = z.strictObject({ spec: processSpecSchema, port: z.int().min(0).max(65_535) })
/** What shall run, and on which port; 0 where it has none. */
export type Desired = z.infer<typeof desiredSchema>

/** What shall run on this host, one file per process: it outlives the supervisor. */
export class DesiredState {
  readonly #folder: string
  readonly #all: Map<string, Desired>

  static async open(folder: string): Promise<DesiredState> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const all = new Map<string, Desired>()
    for (const name of await readdir(folder)) {
      // What ends otherwise was being written when we were killed, and is not wanted.
      if (!name.endsWith('.json')) continue
      const read = await readKept(join(folder, name), desiredSchema)
      if (read !== undefined) all.set(read.spec.name, read)
    }
    return new DesiredState(folder, all)
  }

  private constructor(folder: string, all: Map<string, Desired>) {
    this.#folder = folder
    this.#all = all
  }

  get(name: string): Desired | undefined {
    return this.#all.get(name)
  }

  all(): Desired[] {
    return [...this.#all.values()]
  }

  async set(desired: Desired): Promise<void> {
    await writeKept(this.#file(desired.spec.name), desired)
    this.#all.set(desired.spec.name, desired)
  }

  async remove(name: string): Promise<void> {
    await removeForGood(this.#file(name))
    this.#all.delete(name)
  }

  #file(name: string): string {
    return join(this.#folder, `${name}.json`)
  }
}
