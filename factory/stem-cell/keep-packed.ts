import { randomUUID } from 'node:crypto'
import { mkdir, rename, utimes } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { Artifact } from '../../engines/contract/engine.ts'
import { clearFolder } from '../../engines/parts/build/clear-folder.ts'
import { withLock } from '../../engines/parts/build/lock.ts'
import { openLayout } from '../../engines/parts/image/layout.ts'

/**
 * Moves what was packed into the store, `<artifacts>/packed/<digest>`: the same bytes get the same path, so that a
 * deployment of what runs already changes nothing. Gives the artifact where it lies now.
 */
export async function keepPacked(artifact: Artifact, artifacts: string, signal: AbortSignal): Promise<Artifact> {
  if (artifact.travels !== 'file' && artifact.travels !== 'image') return artifact
  const folder = join(artifacts, 'packed')
  await mkdir(folder, { recursive: true })
  const path = join(folder, `${artifact.digest}${extname(artifact.path)}`)
  // A file takes the other one's place; a folder does not.
  if (artifact.travels === 'file') await rename(artifact.path, path)
  else await withLock(join(artifacts, 'packed.lock'), signal, () => keepLayout(artifact.path, path, artifacts))
  return { ...artifact, path }
}

async function keepLayout(fresh: string, path: string, artifacts: string): Promise<void> {
  try {
    await rename(fresh, path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
    if (await opens(path)) {
      // The same digest holds the same: it stays, since somebody may be sending it right now. What was used just now
      // is tidied away last.
      const now = new Date()
      await utimes(path, now, now)
      return
    }
    // Cut short by a power loss, or somebody was at it: kept, it would fail every deployment of these bytes.
    const aside = join(artifacts, `.broken-${randomUUID()}`)
    await rename(path, aside)
    await rename(fresh, path)
    await clearFolder(aside)
  }
}

function opens(path: string): Promise<boolean> {
  return openLayout(path).then(
    () => true,
    () => false,
  )
}
