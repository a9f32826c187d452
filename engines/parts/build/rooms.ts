import { createHash } from 'node:crypto'
import { constants, existsSync } from 'node:fs'
import { cp, mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { clearFolder } from './clear-folder.ts'
import type { Detected } from './detect.ts'
import { folderSize } from './folder-size.ts'
import { gradleProperties } from './gradle.ts'
import { withLock } from './lock.ts'
import { mavenSettings } from './maven.ts'
import { proxiesOf } from './proxies.ts'
import type { BuildSettings } from './settings.ts'
import type { Rooms } from './walls/walls.ts'

export interface RoomsOrder {
  sourceFolder: string
  workFolder: string
  artifacts: string
  account: string
  tool: Detected['tool']
  settings: BuildSettings
  network: Record<string, string>
  signal: AbortSignal
}

/** What a tool may keep for an account; more, and it begins anew. */
const CACHE = { bytes: 2 * 1024 ** 3, entries: 300_000 }

/** The folders of one build, new and empty but for a copy of the source; nothing of the build has run yet. */
export async function makeRooms(order: RoomsOrder): Promise<Rooms> {
  const work = order.workFolder
  const rooms: Rooms = {
    work,
    source: join(work, 'source'),
    home: join(work, 'home'),
    temporary: join(work, 'tmp'),
    cache: await cacheOf(order),
  }
  await clearFolder(work)
  for (const folder of [rooms.home, rooms.temporary]) await mkdir(folder, { recursive: true })
  await cp(order.sourceFolder, rooms.source, {
    recursive: true,
    verbatimSymlinks: true,
    mode: constants.COPYFILE_FICLONE,
  })
  await writeNetwork(rooms.home, order)
  return rooms
}

async function writeNetwork(home: string, { tool, settings, network }: RoomsOrder): Promise<void> {
  const proxies = proxiesOf(network)
  if (tool === 'gradle') await writeFile(join(home, 'gradle.properties'), gradleProperties(proxies))
  if (tool !== 'maven') return
  await mkdir(join(home, '.m2'))
  await writeFile(join(home, '.m2/settings.xml'), mavenSettings(proxies, settings.mavenMirror))
}

/**
 * Of one account and tool. The folder that holds it is ours: a build can replace nothing in it, and what one account's
 * builds put there no other account's build ever sees.
 */
async function cacheOf({ artifacts, account, tool, signal }: RoomsOrder): Promise<string | undefined> {
  if (tool === 'none') return undefined
  const owner = createHash('sha256').update(account).digest('hex').slice(0, 32)
  const cache = join(artifacts, 'caches', owner, tool)
  const tooLarge = async () => {
    const { bytes, entries } = await folderSize(cache, CACHE)
    return bytes > CACHE.bytes || entries > CACHE.entries
  }
  if (existsSync(cache) && (await tooLarge())) await withLock(`${cache}.lock`, signal, () => clearFolder(cache))
  await mkdir(cache, { recursive: true, mode: 0o700 })
  return (await stat(cache)).isDirectory() ? cache : undefined
}
