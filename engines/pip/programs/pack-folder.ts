import type { Artifact, Built } from '../../contract/engine.ts'

/** What was built travels as it is: the supervisor copies it. */
export async function packFolder(built: Built): Promise<Artifact> {
  const { path, digest, made } = built
  return { travels: 'folder', path, digest, ...(made === undefined ? {} : { made }) }
}
