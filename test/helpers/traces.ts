import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Where a secret is found in bytes: as it is, as JSON writes it (once or twice), in hex, percent-encoded, and inside
 * whatever is base64 in there, at any depth of three.
 */
export function holds(bytes: Uint8Array, secret: string): boolean {
  const hidden = formsOf(secret).map((form) => Buffer.from(form))
  return layersOf(Buffer.from(bytes), 3).some((layer) => hidden.some((form) => layer.includes(form)))
}

function formsOf(secret: string): string[] {
  const json = (text: string) => JSON.stringify(text).slice(1, -1)
  return [secret, json(secret), json(json(secret)), Buffer.from(secret).toString('hex'), encodeURIComponent(secret)]
}

/** The bytes themselves, and what their base64 parts are when they are opened. */
function layersOf(bytes: Buffer, depth: number): Buffer[] {
  if (depth === 0) return [bytes]
  const parts = bytes.toString('latin1').match(/[A-Za-z0-9+/_-]{16,}={0,2}/g) ?? []
  // A base64 text may begin anywhere in a longer run of such letters: all four ways to cut it.
  const opened = parts.flatMap((part) => [0, 1, 2, 3].map((cut) => Buffer.from(part.slice(cut), 'base64')))
  return [bytes, ...opened.flatMap((inner) => layersOf(inner, depth - 1))]
}

/** Paths of the files below a folder that hold a secret. */
export async function filesThatHold(folder: string, secret: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const found = await Promise.all(files.map(async (file) => (holds(await readFile(file), secret) ? [file] : [])))
  return found.flat()
}
