import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cacheFolder } from '../../stacks/toolchain/cache-folder.ts'

const run = promisify(execFile)

/**
 * Debian's packages unpacked into the cache folder, without being installed; `looksFor` is a file of them. Gives the
 * folder, or why there is none.
 */
export async function debianPackages(
  name: string,
  packages: string[],
  looksFor: string,
): Promise<{ folder: string } | { missing: string }> {
  const folder = join(cacheFolder(process.env), 'debian', name)
  if (existsSync(join(folder, looksFor))) return { folder }
  const work = `${folder}.${process.pid}`
  await rm(work, { recursive: true, force: true })
  await mkdir(join(work, 'root'), { recursive: true })
  try {
    const download = () => run('apt-get', ['download', ...packages], { cwd: work })
    await download().catch(async (error: Error) => {
      if (process.getuid?.() !== 0) throw error
      // The list of packages may be an old one, or not there yet.
      await run('apt-get', ['update', '-qq'])
      return download()
    })
    for (const file of await readdir(work)) {
      if (file.endsWith('.deb')) await run('dpkg', ['-x', join(work, file), join(work, 'root')])
    }
    await rename(join(work, 'root'), folder).catch((error: NodeJS.ErrnoException) => {
      // Another test was faster.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    })
    return existsSync(join(folder, looksFor)) ? { folder } : { missing: `${packages.join(', ')} hold no ${looksFor}` }
  } catch (error) {
    return { missing: `Debian's ${packages[0]} cannot be had: ${(error as Error).message.split('\n')[0]}` }
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
