import { randomBytes } from 'node:crypto'
import { chmod, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { keep, replaceFile } from './keep.ts'
import { lockData } from './lock.ts'

/**
 * The data folder of one platform:
 * - `lock`          who serves it now
 * - `owner-token`   the owner's bearer token, made at the first start
 * - `secret`        the master key that the stacks' passphrases come from: back it up, without it no state can be read
 * - `platform.json` where the platform answers, for clients on this machine
 * - `engines/`, `artifacts/`, `companions/`, `sandbox/`, `tmp/`: work that can be made again, or belongs to those parts
 */
export interface DataFolder {
  readonly path: string
  readonly masterKey: Buffer
  readonly ownerToken: string
  /** Whether this start made the owner token. */
  readonly first: boolean
  folder(name: string): Promise<string>
  /** Says where the platform answers, until `close`. */
  announce(url: string): Promise<void>
  close(): Promise<void>
}

/** @param masterKey hex, used in place of the one kept in the folder */
export async function openData(path: string, masterKey?: string): Promise<DataFolder> {
  await mkdir(path, { recursive: true })
  // 711: the database's system user must pass through; secrets inside are 600.
  await chmod(path, 0o711)
  const unlock = await lockData(path)
  const announcement = join(path, 'platform.json')
  try {
    await rm(announcement, { force: true })
    const key = masterKey ?? (await keep(join(path, 'secret'), () => randomBytes(32).toString('hex'))).value
    const token = await keep(join(path, 'owner-token'), () => `pipi_${randomBytes(24).toString('base64url')}`)
    return {
      path,
      masterKey: Buffer.from(key, 'hex'),
      ownerToken: token.value,
      first: token.made,
      async folder(name) {
        const folder = join(path, name)
        await mkdir(folder, { recursive: true, mode: 0o700 })
        return folder
      },
      announce: (url) => replaceFile(announcement, `${JSON.stringify({ url, pid: process.pid })}\n`),
      async close() {
        await rm(announcement, { force: true })
        await unlock()
      },
    }
  } catch (error) {
    await unlock()
    throw error
  }
}
