import { z } from 'zod'

/** Names of workspaces and components. Also stops `..`, `-h`, `__proto__` and what file systems reserve. */
export const NAME = /^[a-z][a-z0-9-]{0,38}[a-z0-9]$/
const RESERVED = new Set(['con', 'prn', 'aux', 'nul', 'com1', 'lpt1'])
export const nameSchema = z
  .string()
  .regex(NAME, '2 to 40 characters: small letters, digits and "-", starting with a letter, not ending with "-"')
  .refine((name) => !RESERVED.has(name), 'a name that file systems reserve')

/** Git refs: never an option, never a path upwards. */
export const refSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$/, 'a branch, tag or commit that starts with a letter or digit')
  .refine((ref) => !ref.includes('..'), 'no ".." in a ref')

/** A variable of the environment. */
export const environmentNameSchema = z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/, 'capitals, digits and "_"')

/** A host name with at least one dot, in small letters. */
export const domainSchema = z
  .string()
  .max(253)
  .regex(
    /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/,
    'a host name in small letters, as "lab.university.example"',
  )

const FIELD = String.raw`(\*|\d{1,2}(-\d{1,2})?)(\/\d{1,2})?`
/** Cron's five fields with numbers, `*`, lists, ranges and steps. */
export const scheduleSchema = z
  .string()
  .max(100)
  .regex(new RegExp(`^${FIELD}(,${FIELD})*( ${FIELD}(,${FIELD})*){4}$`), 'five cron fields (UTC), as "15 3 * * 1"')

/** A path inside the source, with forward slashes, never leaving it. */
export const insidePathSchema = z
  .string()
  .max(200)
  .regex(
    /^(\.|[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*)$/,
    'a relative path inside the source, without ".."',
  )

export const sourceSchema = z.union([
  z.strictObject({
    git: z.string().min(1).max(500),
    ref: refSchema.default('main'),
    path: insidePathSchema.default('.'),
  }),
  z.strictObject({ folder: z.string().min(1).max(500) }),
])

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

/** The variable that holds the address of a database or store for those that use it: `open-data` is in `OPEN_DATA_URL`. */
export function usedEnvironment(name: string): string {
  return `${name.toUpperCase().replaceAll('-', '_')}_URL`
}

const TTL_UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 } as const
const TTL = /^([1-9]\d{0,3})([mhdw])$/

/** How long something is to be there: `90m`, `36h`, `14d`, `6w`, at most a year. */
export const ttlSchema = z
  .string()
  .regex(TTL, 'a whole number and m, h, d or w, as "14d"')
  .refine((text) => !TTL.test(text) || ttlMs(text) <= 366 * TTL_UNITS.d, 'at most a year')

/** Milliseconds of a text that `ttlSchema` takes. */
export function ttlMs(text: string): number {
  const [, amount, unit] = TTL.exec(text) ?? []
  return Number(amount) * TTL_UNITS[unit as keyof typeof TTL_UNITS]
}

const MONTH_MS = 31 * TTL_UNITS.d
/** What is asked whether it is well: what answers to everybody. A function may do something each time it is called. */
const LOOKED_AT: readonly ComponentKind[] = ['site', 'service', 'container']

/** Requests a month that looking at a component's health makes. */
export function healthRequests(component: Component, health: string | undefined): number {
  if (health === undefined || health === 'off' || !LOOKED_AT.includes(component.kind)) return 0
  return Math.ceil(MONTH_MS / ttlMs(health))
}

export const manifestSchema = z.strictObject({
  apiVersion: z.literal('pipi/v1'),
  name: nameSchema,
  title: z.string().max(200).optional(),
  template: z.enum(['institute', 'lab', 'student']).optional(),
  source: sourceSchema.optional(),
  components: z
    .array(componentSchema)
    .min(1)
    .max(20)
    .check(({ value, issues }) => {
      const data = value.filter((component) => !isBuilt(component)).map(({ name }) => name)
      for (const [index, component] of value.entries()) {
        for (const [at, used] of (isRunning(component) ? component.uses : []).entries()) {
          if (data.includes(used)) continue
          const there = data.length === 0 ? 'there is none' : `there are ${data.join(', ')}`
          issues.push({
            ...{ code: 'custom', input: used, path: [index, 'uses', at] },
            message: `a database or store of this workspace, and ${there}`,
          })
        }
      }
    }),
  /** How what runs is kept as it was deployed. */
  upkeep: z
    .strictObject({
      /** How often it is compared with the platform; left out: when somebody asks. */
      refresh: ttlSchema.optional(),
      /** What was changed behind our back: told only, or set back. */
      drift: z.enum(['report', 'repair']).default('report'),
      /**
       * How often what is reachable is asked whether it is well; each time is a request, and counts as one that is
       * expected. Left out: each minute where use is not metered, else never.
       */
      health: z.union([ttlSchema, z.literal('off')]).optional(),
    })
    .prefault({}),
  /** From each deployment on; afterwards it is destroyed by itself, but for users' data. */
  ttl: ttlSchema.optional(),
  modules: z.array(nameSchema).max(50).default([]),
  plugins: z.array(nameSchema).max(50).default([]),
  users: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(100),
        email: z.email().max(200),
        role: z.enum(['owner', 'maintainer', 'member', 'reader']).default('member'),
      }),
    )
    .max(500)
    .default([]),
  placement: z
    .strictObject({
      engine: z
        .string()
        .regex(/^([a-z]{3}|auto)$/, 'a three-letter engine code, or "auto"')
        .default('auto'),
      regions: z.array(z.string().max(40)).max(20).default([]),
      exclude: z
        .array(z.string().regex(/^[a-z]{3}$/))
        .max(20)
        .default([]),
    })
    .prefault({}),
  budget: z
    .strictObject({
      /** The most of the owner's budget that this workspace takes; 0: no money at all. Left out: what the owner's allows. */
      usdPerMonth: z.number().min(0).max(1_000_000).multipleOf(0.01, 'USD, in whole cents').optional(),
    })
    .prefault({}),
})
export type Manifest = z.infer<typeof manifestSchema>
export type Source = z.infer<typeof sourceSchema>
