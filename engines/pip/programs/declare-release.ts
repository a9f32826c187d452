import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'
import type { ProgramContext } from '../../contract/engine.ts'
import { Release } from './resources.ts'

/** The release of a component. */
export function declareRelease({ artifact, component, slug }: ProgramContext): Release {
  if (artifact.travels !== 'folder') {
    throw new PipiError(
      'platform.internal',
      `A release is made from a folder, and this artifact travels as ${artifact.travels}`,
    )
  }
  const { path: source, digest } = artifact
  return new Release(`${component.name}-release`, { name: slug, digest, source, bytes: bytesOf(source) })
}

/** Synchronous, as a program declares its resources in one go. */
function bytesOf(folder: string): number {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}
