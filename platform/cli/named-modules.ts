import { readdir } from 'node:fs/promises'
import { PipiError } from '../../catalog/errors.ts'

/** The modules of a folder by name; what they are made of lies in folders below. Empty where there is no such folder. */
export async function modulesIn(folder: URL): Promise<Map<string, URL>> {
  const files = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const modules = files.filter((file) => /^[a-z-]+\.(ts|js)$/.test(file))
  return new Map(modules.map((file) => [file.slice(0, -3), new URL(file, folder)]))
}

/** Loads the one that was asked for; `M` is what each of them exports. Throws `not-found` naming those there are. */
export async function loadNamed<M>(modules: ReadonlyMap<string, URL>, noun: string, name: string): Promise<M> {
  const found = modules.get(name)
  if (found === undefined) {
    throw new PipiError('not-found', `There is no ${noun} ${JSON.stringify(name)}`, {
      hint: `There are: ${[...modules.keys()].join(', ')}`,
    })
  }
  return (await import(found.href)) as M
}
