import { z } from 'zod'
import { domainSchema, environmentNameSchema, insidePathSchema, nameSchema, scheduleSchema } from './words.ts'

const buildSchema = z.strictObject({
  /** What it is built with; left out: told by what the source holds. `none`: nothing is installed or run. */
  tool: z.enum(['npm', 'maven', 'gradle', 'none']).optional(),
  /** Run by `sh -c` in the component's folder, after dependencies were installed; in place of the tool's own build. */
  command: z.string().min(1).max(500).optional(),
  /** Folder that the build leaves its result in, inside the component's folder. */
  output: insidePathSchema.optional(),
  /** Built by a GitHub Actions workflow of the source's own repository, which hands the result back as an artifact. */
  github: z
    .strictObject({
      workflow: z
        .string()
        .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,100}\.ya?ml$/, 'the file name of a workflow, as "build.yml"'),
      artifact: z
        .string()
        .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$/)
        .default('pipi'),
    })
    .optional(),
})

const componentBase = {
  name: nameSchema,
  /** Environment that is not secret. */
  env: z.record(environmentNameSchema, z.string().max(4096)).default({}),
  /** How much use is expected a month; what watched meters hold. */
  expect: z
    .strictObject({
      requests: z.int().min(0).max(1_000_000_000).default(20_000),
      egressMb: z.int().min(0).max(1_000_000).default(200),
    })
    .prefault({}),
}

/** What is made of source. */
const builtBase = {
  ...componentBase,
  /** Folder of the component inside the source. */
  path: insidePathSchema.default('.'),
  build: buildSchema.default({}),
}

/** What runs code of the workspace. */
const runningBase = {
  ...builtBase,
  /** Databases and stores of this workspace that it works with: their address is in its environment (`usedEnvironment`). */
  uses: z.array(nameSchema).max(10).default([]),
  /** Names of the workspace's secrets (`pipi secret`) that join its environment under the same name. */
  secrets: z.array(environmentNameSchema).max(50).default([]),
  /** Memory of one running instance, MiB. */
  memoryMb: z.int().min(64).max(24_576).default(128),
}

/** Names of its own under which it is reached, besides the one the platform gives. */
const domains = z.array(domainSchema).max(5).default([])
const health = z
  .string()
  .regex(/^\/[A-Za-z0-9._~/-]{0,200}$/)
  .default('/')

/** Static files. */
export const siteSchema = z.strictObject({ ...builtBase, kind: z.literal('site'), domains })
/** A program that answers HTTP on `PORT`. */
export const serviceSchema = z.strictObject({
  ...runningBase,
  kind: z.literal('service'),
  runtime: z.enum(['node', 'jvm']).default('node'),
  /** For `node`: the module that listens on `PORT`, inside the result. */
  main: insidePathSchema.default('server.js'),
  /** For `jvm`: the jar or war inside the result; left out: the only one that can be started. */
  jar: insidePathSchema.optional(),
  health,
  domains,
})
/** A container that answers HTTP on `PORT`: a base image, and the result of the build as one layer in `/app`. */
export const containerSchema = z.strictObject({
  ...runningBase,
  kind: z.literal('container'),
  /** By digest, so that the same commit is the same image: `registry/name@sha256:…`. */
  base: z
    .string()
    .max(300)
    .regex(
      /^[a-z0-9.-]+(:\d{1,5})?(\/[a-z0-9._-]+)+(:[A-Za-z0-9._-]{1,128})?@sha256:[0-9a-f]{64}$/,
      'an image by digest, as "docker.io/library/node:24-slim@sha256:…"',
    ),
  /** Run in `/app`; left out: as the base image says. */
  command: z.array(z.string().min(1).max(500)).max(20).default([]),
  health,
  domains,
})
/** A module whose default export takes a web `Request` and gives a `Response` (or a promise of one). */
export const functionSchema = z.strictObject({
  ...runningBase,
  kind: z.literal('function'),
  main: insidePathSchema.default('index.js'),
  /** The longest that one call may take. */
  timeoutS: z.int().min(1).max(60).default(10),
  domains,
})
/** A module that is run at given times and ends by itself. */
export const jobSchema = z.strictObject({
  ...runningBase,
  kind: z.literal('job'),
  main: insidePathSchema.default('job.js'),
  /** Five fields (minute, hour, day, month, weekday), UTC. */
  schedule: scheduleSchema,
  /** The longest that one run may take. */
  timeoutS: z.int().min(1).max(900).default(60),
})
/** Users' data: never replaced or destroyed unless named. */
export const databaseSchema = z.strictObject({
  ...componentBase,
  kind: z.literal('database'),
  model: z.enum(['key-value', 'document', 'relational']),
  sizeMb: z.int().min(1).max(20_480).default(100),
})
/** Objects (files) of users: never replaced or destroyed unless named. */
export const storeSchema = z.strictObject({
  ...componentBase,
  kind: z.literal('store'),
  sizeMb: z.int().min(1).max(20_480).default(100),
})
export const componentSchema = z.discriminatedUnion('kind', [
  siteSchema,
  serviceSchema,
  containerSchema,
  functionSchema,
  jobSchema,
  databaseSchema,
  storeSchema,
])
export type Component = z.infer<typeof componentSchema>
export type ComponentKind = Component['kind']
export type ComponentOf<K extends ComponentKind> = Extract<Component, { kind: K }>
/** Is made of source. */
export type BuiltComponent = Exclude<Component, { kind: 'database' | 'store' }>
/** Runs code of the workspace. */
export type RunningComponent = Exclude<BuiltComponent, { kind: 'site' }>

export function isBuilt(component: Component): component is BuiltComponent {
  return component.kind !== 'database' && component.kind !== 'store'
}

export function isRunning(component: Component): component is RunningComponent {
  return isBuilt(component) && component.kind !== 'site'
}

/**
 * The variable that holds the address of a database or store for those that use it: `open-data` is in `OPEN_DATA_URL`; and
 * what lets them in, where that is a secret of its own, in `OPEN_DATA_PASSWORD`.
 */
export function usedEnvironment(name: string, what: 'URL' | 'PASSWORD' = 'URL'): string {
  return `${name.toUpperCase().replaceAll('-', '_')}_${what}`
}
