import { z } from 'zod'
import { placeSchema } from '../../supervisor/place.ts'

/** What a host is told, as JSON on standard input: the supervisor that is to run there. */
export const startOrderSchema = z.strictObject({
  /** The supervisor's folder. */
  folder: z.string().startsWith('/'),
  /** The module that is the supervisor. */
  main: z.string().startsWith('/'),
  place: placeSchema,
})
export type StartOrder = z.output<typeof startOrderSchema>

/** What it answers, as one line of JSON. */
export const startedSchema = z.object({
  token: z.string(),
  /** Of the supervisor's API, on 127.0.0.1 there. */
  port: z.int(),
  keptBy: z.enum(['systemd', 'systemd of the user', 'a keeper of ours']),
  /** MiB of the machine, and what is free on the disk of the folder. */
  memoryMib: z.number(),
  diskFreeMib: z.number(),
})
export type Started = z.output<typeof startedSchema>
export type KeptBy = Started['keptBy']
