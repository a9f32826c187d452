import { randomBytes } from 'node:crypto'
import { chmod, cp, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'
import { postgresFolder } from '../../../stacks/toolchain/postgres-folder.ts'
import type { SystemOwner } from './owner.ts'

export interface Binaries {
  postgres: string
  initdb: string
}

/** Root's own cache folder: every user may pass through it. */
const SYSTEM_CACHE = '/var/cache/pipi-engines'

/**
 * The server's programs: from node_modules as they are, or, where another system user has to run them, a copy in the
 * cache folder (made once per version; two at once do not disturb each other).
 */
export async function locateBinaries(options: {
  cache: string
  owner: SystemOwner | undefined
  log: (message: string) => void
}): Promise<Binaries> {
  const { native, version } = await packaged()
  if (!options.owner) return programs(native)
  const wanted = path.resolve(options.cache)
  const reachable = await everybodyMayEnter(wanted)
  const cache = reachable ? wanted : SYSTEM_CACHE
  if (!reachable)
    options.log(`user "${options.owner.name}" cannot enter ${wanted}: the database's programs go to ${cache}`)
  const copy = path.join(cache, `postgres-${version}`)
  if (!(await exists(path.join(copy, 'bin', 'postgres')))) await copyWhole(native, copy)
  return programs(copy)
}

/** Where npm put them. Throws `toolchain.missing` where it did not. */
export async function packaged(): Promise<{ native: string; version: string }> {
  const { name, folder } = postgresFolder()
  if (folder !== undefined) {
    const { version } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as { version: string }
    return { native: path.join(folder, 'native'), version }
  }
  throw new PipiError('toolchain.missing', `no PostgreSQL for this machine: the npm package ${name} is not installed`, {
    hint: 'run npm ci again without --omit=optional, or set DATABASE_URL to a server of your own',
  })
}

export function programs(folder: string): Binaries {
  return { postgres: path.join(folder, 'bin', 'postgres'), initdb: path.join(folder, 'bin', 'initdb') }
}

async function copyWhole(from: string, to: string): Promise<void> {
  await mkdir(path.dirname(to), { recursive: true, mode: 0o755 })
  const half = `${to}.${randomBytes(6).toString('hex')}`
  try {
    await cp(from, half, { recursive: true, verbatimSymlinks: true })
    await openToAll(half)
    await rename(half, to)
  } catch (error) {
    await rm(half, { recursive: true, force: true })
    // Another process was faster: its copy is as good.
    if (await exists(path.join(to, 'bin', 'postgres'))) return
    throw error
  }
}

/** A narrow umask at install time must not keep the server's user out. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755)
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name)
    if (entry.isDirectory()) await openToAll(file)
    else if (entry.isFile()) await chmod(file, ((await stat(file)).mode & 0o777) | 0o444)
  }
  if (path.basename(folder) === 'bin')
    for (const name of await readdir(folder)) await chmod(path.join(folder, name), 0o755)
}

/** Whether each folder from the root down to the nearest one that exists lets everybody pass. */
async function everybodyMayEnter(folder: string): Promise<boolean> {
  for (let at = folder; ; at = path.dirname(at)) {
    const found = await stat(at).catch(() => undefined)
    if (found && (found.mode & 0o001) === 0) return false
    if (at === path.dirname(at)) return true
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  )
}
