import type { Seal } from '../commander/seal.ts'
import type { Log } from '../log.ts'
import { engineKey } from '../store/engine-key.ts'
import type { Database } from '../store/open.ts'
import { openSecret, sealForEngine } from '../store/secret-seal.ts'
import { sealedSecrets } from '../store/secrets.ts'
import type { Access } from './access/open.ts'

/**
 * What one deployment takes along: its workspace's secrets, opened with the platform's own key, and what its account is
 * let in with at the platform; both sealed again so that the engine it goes to can open them, and no other. In clear they
 * are nowhere but here and there.
 */
export function sealerOf(db: Database, masterKey: Uint8Array, log: Log, access: Pick<Access, 'doorFor'>): Seal {
  return async (deployment) => {
    const { id, engine, workspace, kind } = deployment
    const door = await access.doorFor(deployment)
    if (!door.open) return door
    const { credentials } = door
    if (kind === 'destroy' || kind === 'secure') return { credentials }
    const kept = await sealedSecrets(db, workspace)
    if (kept.length === 0) return { credentials }
    try {
      const values = kept.map(({ name, sealed }) => [name, openSecret(masterKey, workspace, name, sealed)])
      return { credentials, secrets: sealForEngine(engineKey(masterKey, engine), id, Object.fromEntries(values)) }
    } catch (error) {
      // Whoever needs one is told by its engine that it is not there.
      log('error', `the secrets of ${workspace} cannot be opened: ${String(error)}`, { deployment: id })
      return { credentials }
    }
  }
}
