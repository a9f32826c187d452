import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

/** How a supervisor's host is reached by people, written beside what it keeps by whoever set it up. */
export const placeSchema = z.strictObject({
  /** Where public ports listen. */
  listen: z.string().default('127.0.0.1'),
  /** The name in the addresses that people get. */
  address: z.string().default('127.0.0.1'),
  /** Public ports, both ends included. */
  ports: z.strictObject({ from: z.int(), to: z.int() }).optional(),
  /** Caddy's admin address on this host, for names of its own. */
  caddy: z.string().optional(),
})
export type Place = z.output<typeof placeSchema>

export function placeFile(folder: string): string {
  return join(folder, 'place.json')
}

/** What is written there, else this machine for itself alone. */
export async function readPlace(folder: string): Promise<Place> {
  const text = await readFile(placeFile(folder), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    return '{}'
  })
  return placeSchema.parse(JSON.parse(text))
}
