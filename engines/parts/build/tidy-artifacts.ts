import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { clearFolder } from './clear-folder.ts'
import { folderSize } from './folder-size.ts'
import { withLock } from './lock.ts'

export interface StoreBounds {
  /** Bytes of all artifacts, what was packed of them, and base images of containers. */
  bytes: number
  /** Milliseconds since its last use in which nothing is taken away: longer than any deployment takes. */
  restMs: number
  /** Milliseconds after which records of builds and what tools keep for an account go. */
  forgetMs: number
}

const HOUR = 3_600_000
export const STORE_BOUNDS: StoreBounds = { bytes: 10 * 1024 ** 3, restMs: 6 * HOUR, forgetMs: 30 * 24 * HOUR }

interface Kept {
  path: string
  name: string
  usedAt: number
  bytes: number
}

/** Whether the store was tidied within the last hour; if not, it counts as tidied from now on. */
export async function tidyDue(store: string): Promise<boolean> {
  const mark = join(store, 'tidied')
  const last = await stat(mark).catch(() => undefined)
  if (last !== undefined && Date.now() - last.mtimeMs < HOUR) return false
  await writeFile(mark, '')
  return true
}

/**
 * Keeps the store of artifacts within its bounds: what was not used for the longest time goes, never what a workspace
 * runs now (`live/`) and never what a deployment may be about to use.
 */
export async function tidyArtifacts(store: string, bounds = STORE_BOUNDS, signal = new AbortController().signal) {
  await withLock(join(store, 'tidy.lock'), signal, async () => {
    const now = Date.now()
    await forgetUnfinished(store, now - bounds.restMs)
    for (const folder of ['builds', 'building']) await forget(join(store, folder), now - bounds.forgetMs)
    await forget(join(store, 'caches'), now - bounds.forgetMs)
    const kept = [
      ...(await keptIn(store, /^[0-9a-f]{64}$/)),
      ...(await keptIn(join(store, 'packed'), /^[0-9a-f]{64}\b/)),
      // Base images. What a layout of `packed` shares with one is counted for both: the safe side.
      ...(await basesIn(store)),
    ]
    await takeAway(store, kept, bounds)
  })
}

/** Takes away the base images that were not used of late and that no workspace runs: they can be fetched again. */
export async function tidyBases(store: string, signal: AbortSignal, { restMs } = STORE_BOUNDS): Promise<void> {
  await withLock(join(store, 'tidy.lock'), signal, async () =>
    takeAway(store, await basesIn(store), { bytes: 0, restMs }),
  )
}

function basesIn(store: string): Promise<Kept[]> {
  return keptIn(join(store, 'images'), /^[0-9a-f]{64}-[a-z0-9]+$/)
}

/** Of what was measured, what was unused for longest, until the rest is within its bounds. */
async function takeAway(store: string, kept: Kept[], bounds: Pick<StoreBounds, 'bytes' | 'restMs'>): Promise<void> {
  const now = Date.now()
  // Looked at after all was measured, which takes its time.
  const live = await liveText(join(store, 'live'))
  let bytes = kept.reduce((sum, one) => sum + one.bytes, 0)
  for (const one of kept.sort((a, b) => a.usedAt - b.usedAt)) {
    if (bytes <= bounds.bytes || one.usedAt > now - bounds.restMs) break
    if (live.includes(one.name.slice(0, 64))) continue
    // Whoever takes one into use marks it first.
    if ((await stat(one.path).catch(() => undefined))?.mtimeMs !== one.usedAt) continue
    // Out of the way first: a folder is there whole or not at all.
    const aside = join(store, `.gone-${one.name}`)
    await rename(one.path, aside)
    await clearFolder(aside)
    bytes -= one.bytes
  }
}

async function keptIn(folder: string, names: RegExp): Promise<Kept[]> {
  const found = (await readdir(folder).catch(() => [])).filter((name) => names.test(name))
  return Promise.all(
    found.map(async (name) => {
      const path = join(folder, name)
      const status = await stat(path)
      const bytes = status.isDirectory() ? (await folderSize(path)).bytes : status.size
      return { path, name, usedAt: status.mtimeMs, bytes }
    }),
  )
}

async function liveText(folder: string): Promise<string> {
  const names = await readdir(folder).catch(() => [])
  return (await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8').catch(() => '')))).join('\n')
}

/** What an engine that was killed had begun to keep or to take away. */
async function forgetUnfinished(store: string, before: number): Promise<void> {
  for (const name of (await readdir(store)).filter((each) => each.startsWith('.'))) {
    if ((await stat(join(store, name))).mtimeMs < before) await clearFolder(join(store, name))
  }
}

async function forget(folder: string, before: number): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name)
    if ((await stat(path)).mtimeMs < before) await rm(path, { recursive: true, force: true })
  }
}
