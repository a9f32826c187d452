import { z } from 'zod'

/** Names of processes: short for a workspace and one of its components. Safe as a file's name. */
export const slugSchema = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'small letters, digits and "-", 64 at most')

const digestSchema = z.string().regex(/^[0-9a-f]{64}$/, 'a sha256 in hex')

const insideSchema = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/)

/** Variables that would change how the process is run, and with it its walls. */
const RESERVED = /^(NODE_OPTIONS|NODE_PATH|LD_.*|DYLD_.*|OPENSSL_.*|PIPI_.*)$/
const environmentSchema = z
  .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string().max(65_536))
  .refine((environment) => !Object.keys(environment).some((name) => RESERVED.test(name)), {
    error: 'NODE_OPTIONS, NODE_PATH, LD_*, DYLD_*, OPENSSL_* and PIPI_* are set by the host alone',
  })
  .default({})

/** What shall run. */
export const processSpecSchema = z.strictObject({
  name: slugSchema,
  runtime: z.enum(['static', 'node']),
  /** Folder of the artifact on this host; it is copied, so that it may go. */
  source: z.string().startsWith('/').max(1000),
  digest: digestSchema,
  /** Bytes of the artifact's files: more are not taken. */
  bytes: z.int().min(0),
  /** Module inside the artifact that listens on `PORT`; only for `node`. */
  main: insideSchema.default('server.js'),
  health: z.string().startsWith('/').max(200).default('/'),
  /** MiB that it may hold of its own (heap, stacks, buffers; not the program text that all share). */
  memory: z.int().min(16).max(65_536),
  environment: environmentSchema,
  labels: z.record(z.string().max(63), z.string().max(256)).default({}),
  /** It stands still: its port answers 503, its files stay. Left out: it runs. */
  stopped: z.boolean().optional(),
})
export type ProcessSpec = z.infer<typeof processSpecSchema>

export interface ProcessStatus {
  spec: ProcessSpec
  /** On 127.0.0.1; stays the same for the life of the process, over restarts and updates. */
  port: number
  url: string
  state: 'starting' | 'running' | 'waiting' | 'stopped'
  pid: number | undefined
  /** Times it ended by itself since the supervisor started. */
  restarts: number
  /** MiB, of its own. */
  memory: number
  lastLines: string[]
}

/** MiB of scratch space (HOME and TMPDIR together) that a node process may fill; emptied at each start. */
export const SCRATCH_MIB = 64
/** MiB that one process' log files take at most. */
export const LOG_MIB = 2
