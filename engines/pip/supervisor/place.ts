import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

/** The Caddy of a host, for names of its own. */
export const caddySchema = z.strictObject({
  /** Its admin address there. */
  admin: z.url({ protocol: /^http$/, hostname: /^(127\.0\.0\.1|localhost)$/ }).default('http://127.0.0.1:2019'),
  /** Where visitors of those names come in, as Caddy writes it. */
  listen: z
    .string()
    .regex(/^[0-9A-Za-z.:[\]-]*:\d{1,5}$/, 'a port, as ":443", with an address before it where not all are meant')
    .default(':443'),
  /** Certificates of Caddy's own authority, for networks that no public one sees. */
  internal: z.boolean().default(false),
})

/** How a supervisor's host is reached by people, written beside what it keeps by whoever set it up. */
export const placeSchema = z.strictObject({
  /** Where public ports listen. */
  listen: z.string().default('127.0.0.1'),
  /** The name in the addresses that people get. */
  address: z.string().default('127.0.0.1'),
  /** Public ports, both ends included. */
  ports: z.strictObject({ from: z.int(), to: z.int() }).optional(),
  caddy: caddySchema.prefault({}),
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
