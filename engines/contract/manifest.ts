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
  /** Run by `sh -c` in the component's folder, after dependencies were installed. */
  command: z.string().min(1).max(500).optional(),
  /** Folder that the build leaves its result in, inside the component's folder. */
  output: insidePathSchema.optional(),
})

const componentBase = {
  name: nameSchema,
  /** Folder of the component inside the source. */
  path: insidePathSchema.default('.'),
  build: buildSchema.default({}),
  /** Environment that is not secret. */
  env: z.record(z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/), z.string().max(4096)).default({}),
  /** How much use is expected a month; what watched meters hold. */
  expect: z
    .strictObject({
      requests: z.int().min(0).max(1_000_000_000).default(20_000),
      egressMb: z.int().min(0).max(1_000_000).default(200),
    })
    .prefault({}),
}

export const siteSchema = z.strictObject({ ...componentBase, kind: z.literal('site') })
export const serviceSchema = z.strictObject({
  ...componentBase,
  kind: z.literal('service'),
  runtime: z.enum(['node']).default('node'),
  /** The module that listens on `PORT`, inside the component's folder. */
  main: insidePathSchema.default('server.js'),
  health: z
    .string()
    .regex(/^\/[A-Za-z0-9._~/-]{0,200}$/)
    .default('/'),
  /** Memory of one running instance, MiB. */
  memoryMb: z.int().min(64).max(4096).default(128),
})
export const componentSchema = z.discriminatedUnion('kind', [siteSchema, serviceSchema])
export type Component = z.infer<typeof componentSchema>
export type SiteComponent = z.infer<typeof siteSchema>
export type ServiceComponent = z.infer<typeof serviceSchema>
export type ComponentKind = Component['kind']

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

export const manifestSchema = z.strictObject({
  apiVersion: z.literal('pipi/v1'),
  name: nameSchema,
  title: z.string().max(200).optional(),
  template: z.enum(['institute', 'lab', 'student']).optional(),
  source: sourceSchema.optional(),
  components: z.array(componentSchema).min(1).max(20),
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
