import { randomBytes } from 'node:crypto'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { syncFolder } from '../atomic-file.ts'
import { readKept, writeKept } from '../kept-file.ts'
import { makeCluster } from './cluster.ts'
import { type DatabaseSpec, databaseSpecSchema } from './spec.ts'

/** What shall be, beside the cluster. `keeper`: the password of our own role. */
const keptSchema = z.strictObject({ spec: databaseSpecSchema, port: z.int(), keeper: z.string() })
export type KeptDatabase = z.infer<typeof keptSchema>

const NEW = '.new'
const GONE = '.gone'

/** Whether a folder was half made or half removed when we were killed: the one was never given to anybody, the other was asked for. */
export function isHalf(name: string): boolean {
  return name.endsWith(NEW) || name.endsWith(GONE)
}

export function readDatabase(place: string): Promise<KeptDatabase | undefined> {
  return readKept(join(place, 'database.json'), keptSchema)
}

export function writeDatabase(place: string, kept: KeptDatabase): Promise<void> {
  return writeKept(join(place, 'database.json'), kept)
}

/** A new database in `place`, with an empty cluster: whole, or nothing of it. */
export async function makeDatabase(
  place: string,
  given: { spec: DatabaseSpec; port: number },
  environment: Record<string, string>,
): Promise<KeptDatabase> {
  const half = `${place}${NEW}`
  try {
    const kept = { ...given, keeper: randomBytes(24).toString('base64url') }
    await rm(half, { recursive: true, force: true })
    await mkdir(half, { mode: 0o700 })
    await makeCluster(half, kept.keeper, environment)
    await writeDatabase(half, kept)
    await rename(half, place)
    await syncFolder(dirname(place))
    return kept
  } catch (error) {
    await rm(half, { recursive: true, force: true })
    throw error
  }
}

/**
 * Takes a database away with all that is in it: renamed first, so that killed in between it is gone all the same. What is
 * given clears its room.
 */
export async function removeDatabase(place: string): Promise<() => Promise<void>> {
  const gone = `${place}${GONE}`
  await rename(place, gone)
  await syncFolder(dirname(place))
  return () => rm(gone, { recursive: true, force: true, maxRetries: 3 })
}
