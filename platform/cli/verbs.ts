import { readdir } from 'node:fs/promises'
import type { Verb } from './verb.ts'

const FOLDER = new URL('./commands/', import.meta.url)

/** Every verb there is, by file name: a new verb is a new file. */
export async function verbNames(): Promise<string[]> {
  const files = await readdir(FOLDER)
  return files
    .filter((file) => file.endsWith('.ts') || file.endsWith('.js'))
    .map((file) => file.slice(0, -3))
    .sort()
}

export async function loadVerb(name: string): Promise<Verb> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const module = (await import(new URL(`${name}.${extension}`, FOLDER).href)) as { default: Verb }
  return module.default
}
