import { z } from 'zod'
import { domainSchema, scheduleSchema } from '../../contract/words.ts'

/** Names of processes and stores: short for a workspace and one of its components. Safe as a file's name. */
export const slugSchema = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'small letters, digits and "-", 64 at most')

export const digestSchema = z.string().regex(/^[0-9a-f]{64}$/, 'a sha256 in hex')

const insideSchema = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/)

/** Variables that would change how the process is run, and with it its walls. */
const RESERVED = /^(NODE_OPTIONS|NODE_PATH|LD_.*|DYLD_.*|OPENSSL_.*|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|JDK_.*|PIPI_.*)$/
const environmentSchema = z
  .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string().max(65_536))
  .refine((environment) => !Object.keys(environment).some((name) => RESERVED.test(name)), {
    error:
      'NODE_OPTIONS, NODE_PATH, LD_*, DYLD_*, OPENSSL_*, JAVA_TOOL_OPTIONS, _JAVA_OPTIONS, JDK_* and PIPI_* are set by the host alone',
  })
  .default({})

const labelsSchema = z.record(z.string().max(63), z.string().max(256)).default({})

/**
 * `static`: files, served by a server of ours. `node`, `jvm`: a program that listens on `PORT`. `function`: a module
 * that a server of ours calls. `job`: a module that is run at given times. `container`: an image, of which the artifact is the
 * layout, that listens on `PORT`.
 */
export const RUNTIMES = ['static', 'node', 'jvm', 'function', 'job', 'container'] as const
export type Runtime = (typeof RUNTIMES)[number]

/** What shall run. What came later is optional, so that what is written down already is read as it was meant. */
export const processSpecSchema = z
  .strictObject({
    name: slugSchema,
    runtime: z.enum(RUNTIMES),
    /** Folder of the artifact on this host; it is copied, so that it may go. */
    source: z.string().startsWith('/').max(1000),
    digest: digestSchema,
    /** Bytes of the artifact's files: more are not taken. */
    bytes: z.int().min(0),
    /** Inside the artifact: the module that is run, or the jar; not for `static`. */
    main: insideSchema.default('server.js'),
    /** For `jvm`: the jar is a server of pages, and this folder of the artifact is what it serves. */
    pages: insideSchema.optional(),
    health: z.string().startsWith('/').max(200).default('/'),
    /** MiB that it may hold of its own (heap, stacks, buffers; not the program text that all share). */
    memory: z.int().min(16).max(65_536),
    environment: environmentSchema,
    labels: labelsSchema,
    /** It stands still: its port answers 503, its files stay. Left out: it runs. */
    stopped: z.boolean().optional(),
    /** Stores of the same workspace whose folders it may read and write. */
    stores: z.array(slugSchema).max(10).optional(),
    /** Names of its own under which it is reached, where this host can. */
    domains: z.array(domainSchema).max(5).optional(),
    /** What gives them certificates and leads them here; without it they are refused. */
    domainsBy: z.enum(['caddy']).optional(),
    /** For `job`: five cron fields, UTC. */
    schedule: scheduleSchema.optional(),
    /** Seconds that one call of a `function`, or one run of a `job`, may take. */
    timeout: z.int().min(1).max(900).optional(),
    /** Of a `container`: bytes that its image has once it is unpacked; more are not unpacked. */
    unpacked: z.int().min(0).optional(),
    /** What the host lacks for it: then it is refused. */
    lacks: z.string().max(500).optional(),
  })
  .refine((spec) => spec.runtime !== 'job' || spec.schedule !== undefined, {
    path: ['schedule'],
    error: 'a job needs the times at which it is run',
  })
  .refine((spec) => spec.runtime !== 'container' || spec.unpacked !== undefined, {
    path: ['unpacked'],
    error: 'a container needs the bytes that its image unpacks to',
  })
export type ProcessSpec = z.infer<typeof processSpecSchema>

/** One run of a job. `at` is the time of its schedule, and all are ISO 8601. */
export const jobRunSchema = z.strictObject({
  at: z.string(),
  started: z.string(),
  ended: z.string().optional(),
  /** How it ended, in words; missing: it runs. */
  outcome: z.string().optional(),
  ok: z.boolean().optional(),
})
export type JobRun = z.infer<typeof jobRunSchema>

export interface ProcessStatus {
  spec: ProcessSpec
  /** On 127.0.0.1; stays the same for the life of the process, over restarts and updates. 0: a job, which has none. */
  port: number
  /** Empty for a job. */
  url: string
  state: 'starting' | 'running' | 'waiting' | 'stopped'
  pid: number | undefined
  /** Times it ended by itself since the supervisor started. */
  restarts: number
  /** MiB, of its own. */
  memory: number
  lastLines: string[]
  /** What is wrong with it right now, in words: that it ends again and again. */
  trouble?: string
  /** Digests of the releases that are there, the newest first: one of them can be switched to at once. */
  releases?: string[]
  /** Of a job: its last runs, the newest first, and the time of its next. */
  runs?: JobRun[]
  next?: string
}

/** A folder of users' files. */
export const storeSpecSchema = z.strictObject({
  name: slugSchema,
  /** MiB of files: who passes that is ended. */
  size: z.int().min(1).max(1_048_576),
  labels: labelsSchema,
})
export type StoreSpec = z.infer<typeof storeSpecSchema>

export interface StoreStatus {
  spec: StoreSpec
  /** `file:///…/`, on this host. */
  url: string
  /** MiB of files that are in it. */
  held: number
}

/** MiB of scratch space (HOME and TMPDIR together) that a process may fill; emptied at each start. */
export const SCRATCH_MIB = 64
/** MiB that one process' log files take at most. */
export const LOG_MIB = 2
/** Releases of one process that are kept, with the one that runs. */
export const KEPT_RELEASES = 5

/** MiB that the kept releases beside the one that runs may take, by the MiB of that one: all four, unless they are large. */
export function keptMib(files: number): number {
  return Math.min(256, Math.max(16, (KEPT_RELEASES - 1) * files))
}
