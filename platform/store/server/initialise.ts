import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'
import { type ClusterPlace, initdb } from '../../../engines/parts/postgres/initdb.ts'
import type { SystemOwner } from '../../../engines/parts/postgres/owner.ts'
import type { Binaries } from '../../../engines/parts/postgres/packaged.ts'

/** Of the PostgreSQL that comes from npm. */
const MAJOR = 18

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
  const passwordFile = path.join(place.data, 'postgres-password.initdb')
  await initdb(clusterOf(place), { user: 'pipi', password: place.password, passwordFile, major: MAJOR, durable })
  await rm(marker)
}

/** The cluster of a place. */
export function clusterOf({ data, owner, binaries, environment }: Place): ClusterPlace {
  return { folder: path.join(data, 'postgres'), owner, binaries, environment }
}
