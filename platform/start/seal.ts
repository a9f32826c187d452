import type { Seal } from '../commander/loop.ts'
import type { Log } from '../log.ts'
import { engineKey } from '../store/engine-key.ts'
import type { Database } from '../store/open.ts'
import { openSecret, sealForEngine } from '../store/secret-seal.ts'
import { sealedSecrets } from '../store/secrets.ts'

/**
 * A workspace's secrets for one deployment: opened with the platform's own key, and sealed again so that the engine it
 * goes to can open them, and no other. In clear they are nowhere but here and there.
 */
export function sealerOf(db: Database, masterKey: Uint8Array, log: Log): Seal {
  return async ({ id, engine, workspace, kind }) => {
    if (kind === 'destroy' || kind === 'secure') return undefined
    const kept = await sealedSecrets(db, workspace)
    if (kept.length === 0) return undefined
    try {
      const values = kept.map(({ name, sealed }) => [name, openSecret(masterKey, workspace, name, sealed)])
      return sealForEngine(engineKey(masterKey, engine), id, Object.fromEntries(values))
    } catch (error) {
      // Whoever needs one is told by its engine that it is not there.
      log('error', `the secrets of ${workspace} cannot be opened: ${String(error)}`, { deployment: id })
      return undefined
    }
  }
}
