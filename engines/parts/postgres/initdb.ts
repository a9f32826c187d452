import { spawn } from 'node:child_process'
import { chown, type FileHandle, open, rm, writeFile } from 'node:fs/promises'
import { PipiError } from '../../../catalog/errors.ts'
import type { SystemOwner } from './owner.ts'
import type { Binaries } from './packaged.ts'

/** A cluster's folder, and who works in it. */
export interface ClusterPlace {
  folder: string
  owner: SystemOwner | undefined
  binaries: Binaries
  /** All that the programs see beside a path and a locale. */
  environment: Record<string, string>
}

export interface NewCluster {
  /** Name and password of its superuser. */
  user: string
  password: string
  /** Where the password lies while it is being made; its folder is there. */
  passwordFile: string
  /** Version of the programs: from 17 on PostgreSQL has a collation of its own, independent of the machine's. */
  major: number
  durable: boolean
  /** Further arguments. */
  more?: readonly string[]
}

/** Makes a cluster in an empty folder. Throws `toolchain.missing` with initdb's last words. */
export async function initdb(place: ClusterPlace, cluster: NewCluster): Promise<void> {
  const { owner } = place
  if (owner) await chown(place.folder, owner.uid, owner.gid)
  await writeFile(cluster.passwordFile, cluster.password, { mode: 0o600 })
  if (owner) await chown(cluster.passwordFile, owner.uid, owner.gid)
  const folder = await open(place.folder, 'r')
  const password = await open(cluster.passwordFile, 'r')
  try {
    await run(place, cluster, { folder, password })
  } finally {
    await folder.close()
    await password.close()
    await rm(cluster.passwordFile, { force: true })
  }
}

/**
 * The folder as the server's user reaches it. As root the folders above may be closed to that user (/root, `mktemp
 * -d`): we open the folder and hand the descriptor on, and /proc/self/fd leads past the closed doors.
 */
export function throughDescriptor({ owner }: ClusterPlace, descriptor: number, plain: string): string {
  return owner && process.platform === 'linux' ? `/proc/self/fd/${descriptor}` : plain
}

async function run(
  place: ClusterPlace,
  { user, passwordFile, major, durable, more = [] }: NewCluster,
  handles: { folder: FileHandle; password: FileHandle },
): Promise<void> {
  const child = spawn(
    place.binaries.initdb,
    [
      ...['-D', throughDescriptor(place, 3, place.folder)],
      `--pwfile=${throughDescriptor(place, 4, passwordFile)}`,
      ...[`--username=${user}`, '--auth=scram-sha-256', '--encoding=UTF8'],
      ...(major < 14 ? [] : ['--no-instructions']),
      ...(major < 17 ? ['--locale=C.UTF-8'] : ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']),
      ...(durable ? [] : ['--no-sync']),
      ...more,
    ],
    {
      cwd: '/',
      env: { ...place.environment, PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe', handles.folder.fd, handles.password.fd],
      ...(place.owner ? { uid: place.owner.uid, gid: place.owner.gid } : {}),
    },
  )
  let said = ''
  child.stdout?.on('data', (chunk) => (said += chunk))
  child.stderr?.on('data', (chunk) => (said += chunk))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code === 0) return
  const words = said.trim().split('\n').slice(-3).join('; ')
  throw new PipiError('toolchain.missing', `PostgreSQL could not make its cluster in ${place.folder}: ${words}`, {
    hint: 'look whether the disk is full, and whether its programs run there',
  })
}
