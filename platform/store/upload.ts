import { createHash } from 'node:crypto'
import { PipiError } from '../../catalog/errors.ts'
import type { Database } from './open.ts'

export const UPLOAD_BYTES = 50 * 1024 * 1024

/** Keeps an uploaded source of an account by its sha256 (hex). The same bytes again are nothing. Throws `input.invalid`. */
export async function putUpload(db: Database, account: string, digest: string, bytes: Uint8Array): Promise<void> {
  if (bytes.byteLength > UPLOAD_BYTES) {
    throw new PipiError('input.invalid', `the source is ${bytes.byteLength} bytes, more than ${UPLOAD_BYTES}`, {
      hint: 'leave out what is built or fetched, or deploy from a git repository',
    })
  }
  const found = createHash('sha256').update(bytes).digest('hex')
  if (found !== digest) {
    throw new PipiError('input.invalid', `the bytes have the sha256 ${found}, not ${digest}`, {
      hint: 'send the file again',
    })
  }
  await db.query('insert into pipi.uploads (account, digest, bytes) values ($1, $2, $3) on conflict do nothing', [
    account,
    digest,
    Buffer.from(bytes),
  ])
}

/** Undefined when the account has not sent it. */
export async function getUpload(db: Database, account: string, digest: string): Promise<Uint8Array | undefined> {
  const [row] = await db.query<{ bytes: Buffer }>('select bytes from pipi.uploads where account = $1 and digest = $2', [
    account,
    digest,
  ])
  return row?.bytes
}

/** Whether it is there, without its bytes. */
export async function hasUpload(db: Database, account: string, digest: string): Promise<boolean> {
  return (await db.query('select from pipi.uploads where account = $1 and digest = $2', [account, digest])).length === 1
}
