import { z } from 'zod'

/** Names of processes and releases: a workspace's slug, with the component's name. Safe as a file's name. */
export const slugSchema = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'small letters, digits and "-", 64 at most')

export const digestSchema = z.string().regex(/^[0-9a-f]{64}$/, 'a sha256 in hex')

const labelsSchema = z.record(z.string().max(63), z.string().max(256)).default({})

/** An artifact's own copy on the host. */
export const releaseSpecSchema = z.strictObject({
  name: slugSchema,
  digest: digestSchema,
  /** Folder that the artifact is copied from. */
  source: z.string().startsWith('/').max(1000),
  /** Bytes of its files: more are not taken. */
  bytes: z.int().min(0),
  labels: labelsSchema,
})
export type ReleaseSpec = z.infer<typeof releaseSpecSchema>

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
  /** Id of the release it runs. */
  release: z.string().regex(/^[a-z][a-z0-9-]{0,63}@[0-9a-f]{16}$/, 'the id of a release'),
  /** Module inside the release that listens on `PORT`; only for `node`. */
  main: insideSchema.default('server.js'),
  health: z.string().startsWith('/').max(200).default('/'),
  /** MiB that it may hold of its own (heap, stacks, buffers; not the program text that all share). */
  memory: z.int().min(16).max(65_536),
  environment: environmentSchema,
  labels: labelsSchema,
})
export type ProcessSpec = z.infer<typeof processSpecSchema>

/** The id of a release is known before it is made. */
export function releaseId(spec: { name: string; digest: string }): string {
  return `${spec.name}@${spec.digest.slice(0, 16)}`
}

export interface ReleaseStatus {
  id: string
  spec: ReleaseSpec
  path: string
}

export interface ProcessStatus {
  spec: ProcessSpec
  /** On 127.0.0.1; stays the same for the life of the process, over restarts and updates. */
  port: number
  url: string
  state: 'starting' | 'running' | 'waiting'
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
