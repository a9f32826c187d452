import { mkdir, readdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { removeForGood, writeAtomic } from './atomic-file.ts'
import { processSpecSchema } from './spec.ts'

const desiredSchema = z.strictObject({ spec: processSpecSchema, port: z.int().min(1).max(65_535) })
/** What shall run, and on which port. */
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
      const read = await readDesired(join(folder, name))
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
    await writeAtomic(this.#file(desired.spec.name), JSON.stringify(desired))
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

/** One file that cannot be read must not keep all others from running: it is put aside, and a refresh shows it missing. */
async function readDesired(path: string): Promise<Desired | undefined> {
  try {
    return desiredSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error
    console.error(`${path} says nothing that can be run, and is put aside: ${error.message}`)
    await rename(path, `${path}.unreadable`)
    return undefined
  }
}
