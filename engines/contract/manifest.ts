import { z } from 'zod'
import { type Component, type ComponentKind, componentSchema, isBuilt, isRunning } from './component.ts'
import { insidePathSchema, nameSchema, refSchema } from './words.ts'

export const sourceSchema = z.union([
  z.strictObject({
    git: z.string().min(1).max(500),
    ref: refSchema.default('main'),
    path: insidePathSchema.default('.'),
  }),
  z.strictObject({ folder: z.string().min(1).max(500) }),
])

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
