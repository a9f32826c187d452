import { z } from 'zod'
import { slugSchema } from '../spec.ts'

/** A database of users' data: a PostgreSQL of its own. */
export const databaseSpecSchema = z.strictObject({
  name: slugSchema,
  /** MiB of data: what is beyond is told, and what is far beyond is not written any more. */
  size: z.int().min(1).max(1_048_576),
  /** MiB that its server may hold. */
  memory: z.int().min(96).max(65_536),
  /** Of the role that its users connect as. */
  password: z.string().regex(/^[A-Za-z0-9_-]{16,200}$/, '16 to 200 letters, digits, "_" and "-"'),
  /** What serves it, where the host has that; without it it is refused. */
  by: z.enum(['postgresql']).optional(),
  labels: z.record(z.string().max(63), z.string().max(256)).default({}),
})
export type DatabaseSpec = z.infer<typeof databaseSpecSchema>

export interface DatabaseStatus {
  spec: DatabaseSpec
  /** On 127.0.0.1 alone; stays the same for its life. */
  port: number
  /** `postgres://app@127.0.0.1:<port>/app`: whose password is asked for. */
  url: string
  state: 'starting' | 'running' | 'waiting'
  /** Of the server. */
  pid: number | undefined
  restarts: number
  /** MiB that the server and all its sessions hold. */
  memory: number
  /** MiB of data. */
  held: number
  room: Room
  lastLines: string[]
  /** What is wrong with it right now, in words. */
  trouble?: string
}

/** `free`, `full`: passed its size. `read-only`: passed it by far. `shut`: went on all the same, nobody is let in. */
export const ROOMS = ['free', 'full', 'read-only', 'shut'] as const
export type Room = (typeof ROOMS)[number]

/** The role and the database of its users, and our own role beside them. */
export const ROLE = 'app'
export const DATABASE = 'app'
export const KEEPER = 'pipi'
