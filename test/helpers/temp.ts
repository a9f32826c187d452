import { chmod, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * A new folder for a test, 0700 as `mktemp -d` makes them unless `mode` says else. It lies in the file's own temporary
 * folder, which is removed when the file has ended.
 */
export async function tempFolder(name = 't', mode = 0o700): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `${name}-`))
  await chmod(folder, mode)
  return folder
}
