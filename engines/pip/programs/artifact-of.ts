import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'
import type { ProgramContext } from '../../contract/engine.ts'

/** What a process is told of its component's artifact. Synchronous: a program declares its resources in one go. */
export function artifactOf({ artifact }: Pick<ProgramContext, 'artifact'>): {
  source: string
  digest: string
  bytes: number
} {
  if (artifact.travels !== 'folder') {
    throw new PipiError('platform.internal', `A host runs folders, and this artifact travels as ${artifact.travels}`)
  }
  const { path, digest } = artifact
  return { source: path, digest, bytes: bytesOf(path) }
}

function bytesOf(folder: string): number {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}
