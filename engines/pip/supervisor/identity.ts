import { randomBytes, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writeAtomic } from './atomic-file.ts'

const identitySchema = z.strictObject({
  /** What its children carry in their environment. */
  tag: z.uuid(),
  /** Whoever has it may command the supervisor. */
  token: z.string().length(64),
  /** The port it listened on last, so that those who know it find it again. */
  port: z.int().min(0).max(65_535),
})
/** What stays the same from one supervisor of a folder to the next. */
export type Identity = z.infer<typeof identitySchema>

/** Reads a folder's identity, or makes one. */
export async function openIdentity(folder: string): Promise<Identity> {
  const text = await readFile(identityFile(folder), 'utf8').catch(() => undefined)
  if (text !== undefined) return identitySchema.parse(JSON.parse(text))
  const identity = { tag: randomUUID(), token: randomBytes(32).toString('hex'), port: 0 }
  await saveIdentity(folder, identity)
  return identity
}

export async function saveIdentity(folder: string, identity: Identity): Promise<void> {
  await writeAtomic(identityFile(folder), JSON.stringify(identity))
}

/** For the provider, whose address names the file: only the folder's owner can read it. */
export async function readIdentity(file: string): Promise<Identity> {
  return identitySchema.parse(JSON.parse(await readFile(file, 'utf8')))
}

export function identityFile(folder: string): string {
  return join(folder, 'identity.json')
}
