import { hkdfSync } from 'node:crypto'
import { PipiError } from '../../catalog/errors.ts'
import type { Database } from './open.ts'

/**
 * A database belongs to one master key: the stacks' secrets in it can be read with no other. The first platform leaves
 * a fingerprint, from which the key cannot be told; throws `conflict.state` for one with another key.
 */
export async function checkKey(db: Database, masterKey: Uint8Array): Promise<void> {
  const fingerprint = Buffer.from(hkdfSync('sha256', masterKey, Buffer.alloc(0), 'pipi fingerprint', 16)).toString(
    'hex',
  )
  await db.query(`insert into pipi.settings (name, value) values ('master key', $1) on conflict do nothing`, [
    fingerprint,
  ])
  const [row] = await db.query<{ value: string }>(`select value from pipi.settings where name = 'master key'`)
  if (row?.value === fingerprint) return
  throw new PipiError('conflict.state', 'this database was made with another master key', {
    hint: 'put back the file `secret` of the data folder that it was made with, or give that key as PIPI_MASTER_KEY',
  })
}
