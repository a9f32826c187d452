import { readFile, rename } from 'node:fs/promises'
import { z } from 'zod'
import { writeAtomic } from './atomic-file.ts'

/**
 * What is written down in a file, or undefined where there is none. One that cannot be read must not keep all others from
 * running: it is put aside, and a refresh shows it missing.
 */
export async function readKept<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error
    console.error(`${path} says nothing that can be run, and is put aside: ${error.message}`)
    await rename(path, `${path}.unreadable`)
    return undefined
  }
}

/** Writes it whole or not at all, for the owner alone. */
export async function writeKept(path: string, value: unknown): Promise<void> {
  await writeAtomic(path, JSON.stringify(value))
}
