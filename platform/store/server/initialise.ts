import { spawn } from 'node:child_process'
import { chown, type FileHandle, mkdir, open, readdir, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'
import type { Binaries } from './binaries.ts'
import type { SystemOwner } from './owner.ts'

/** Where a server lives and what it runs with. */
export interface Place {
  data: string
  owner: SystemOwner | undefined
  binaries: Binaries
  password: string
  environment: Record<string, string>
}

/** Makes the cluster in `DATA/postgres`, once. A half-made one of an earlier crash is made again. */
export async function initialise(place: Place, durable: boolean): Promise<void> {
  const folder = path.join(place.data, 'postgres')
  const whole = await stat(path.join(folder, 'global', 'pg_control')).then(
    () => true,
    () => false,
  )
  const marker = path.join(place.data, 'postgres-initialising')
  const half = await stat(marker).then(
    () => true,
    () => false,
  )
  if (whole && !half) return
  // Only what we began ourselves is cleared away: the marker is ours.
  if (half) await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if ((await readdir(folder)).length > 0) {
    throw new PipiError('conflict.state', `${folder} holds something that is no PostgreSQL cluster`, {
      hint: 'move it away, or give another data folder (--data)',
    })
  }
  await writeFile(marker, '')
  if (place.owner) await chown(folder, place.owner.uid, place.owner.gid)
  const passwordFile = path.join(place.data, 'postgres-password.initdb')
  await writeFile(passwordFile, place.password, { mode: 0o600 })
  if (place.owner) await chown(passwordFile, place.owner.uid, place.owner.gid)
  const folderHandle = await open(folder, 'r')
  const passwordHandle = await open(passwordFile, 'r')
  try {
    await initdb(place, { folder: folderHandle, password: passwordHandle }, passwordFile, durable)
  } finally {
    await folderHandle.close()
    await passwordHandle.close()
    await rm(passwordFile, { force: true })
  }
  await rm(marker)
}

/**
 * The folder as the server's user reaches it. As root the folders above may be closed to that user (/root, `mktemp
 * -d`): we open the folder and hand the descriptor on, and /proc/self/fd leads past the closed doors.
 */
export function throughDescriptor(place: Place, descriptor: number, plain: string): string {
  return place.owner && process.platform === 'linux' ? `/proc/self/fd/${descriptor}` : plain
}

async function initdb(
  place: Place,
  handles: { folder: FileHandle; password: FileHandle },
  passwordFile: string,
  durable: boolean,
): Promise<void> {
  const child = spawn(
    place.binaries.initdb,
    [
      ...['-D', throughDescriptor(place, 3, path.join(place.data, 'postgres'))],
      `--pwfile=${throughDescriptor(place, 4, passwordFile)}`,
      ...['--username=pipi', '--auth=scram-sha-256', '--encoding=UTF8', '--no-instructions'],
      // Collation from PostgreSQL itself: independent of what locales the machine has.
      ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
      ...(durable ? [] : ['--no-sync']),
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
  if (code !== 0) {
    throw new PipiError(
      'toolchain.missing',
      `PostgreSQL could not make its cluster in ${place.data}: ${said.trim().split('\n').slice(-3).join('; ')}`,
      {
        hint: 'run ./pipi doctor, or set DATABASE_URL to a server of your own',
      },
    )
  }
}
