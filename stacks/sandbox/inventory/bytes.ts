import { createHash } from 'node:crypto'
import type { Database } from '../database.ts'

/** Keeps bytes by their sha256 (hex), once. */
export class Bytes {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  async keep(bytes: Uint8Array): Promise<string> {
    const digest = createHash('sha256').update(bytes).digest('hex')
    const known = await this.#db.query('select 1 from sandbox.bytes where digest = $1', [digest])
    if (known.length > 0) return digest
    await this.#db.query('insert into sandbox.bytes (digest, bytes) values ($1, $2) on conflict do nothing', [
      digest,
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    ])
    return digest
  }

  async kept(digest: string): Promise<Uint8Array | undefined> {
    const rows = await this.#db.query<{ bytes: Buffer }>('select bytes from sandbox.bytes where digest = $1', [digest])
    return rows[0]?.bytes
  }
}
