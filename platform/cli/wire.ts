import { z } from 'zod'
import { statusSchema } from '../../factory/contract/status.ts'

/** What the CLI reads of a deployment in JSON. Unknown fields pass: a newer platform may say more. */
const text = z.string()
const maybe = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined)

const amountSchema = z.looseObject({ meter: text, amount: z.number(), bound: maybe(text), because: maybe(text) })

const demandSchema = maybe(
  z.union([
    z.array(amountSchema),
    z.looseObject({ amounts: z.array(amountSchema) }).transform((demand) => demand.amounts),
  ]),
)

const resourceSchema = z.looseObject({ urn: text, type: text, id: maybe(text), demand: demandSchema })

const holderSchema = z.looseObject({
  workspace: text,
  resource: maybe(text),
  amount: maybe(z.number()),
  endsAt: maybe(text),
  paid: maybe(z.number()),
})

const refusalSchema = z.looseObject({
  code: text,
  resource: maybe(text),
  meter: maybe(text),
  unit: maybe(text),
  limit: maybe(z.number()),
  held: maybe(z.number()),
  asked: maybe(z.number()),
  holders: maybe(z.array(holderSchema)),
  class: maybe(text),
  alternatives: z
    .array(z.looseObject({ engine: maybe(text), region: maybe(text), what: text }))
    .nullish()
    .transform((given) => given ?? []),
  message: maybe(text),
  hint: maybe(text),
})
export type ShownRefusal = z.infer<typeof refusalSchema>

const errorSchema = z.looseObject({
  code: text,
  message: text,
  hint: maybe(text),
  phase: maybe(text),
  lines: maybe(z.array(text)),
})

const driftSchema = z.looseObject({
  urn: text,
  type: text,
  id: text,
  what: text,
  properties: z
    .array(
      z.looseObject({
        path: text,
        was: maybe(text),
        is: maybe(text),
        secret: z.boolean().default(false),
        declared: z.boolean().default(true),
      }),
    )
    .default([]),
})
export type ShownDrift = z.infer<typeof driftSchema>

export const deploymentSchema = z.looseObject({
  id: text,
  number: maybe(z.number()),
  goesBackTo: maybe(z.number()),
  drift: maybe(z.looseObject({ found: z.array(driftSchema).default([]), repaired: z.boolean().default(false) })),
  choice: maybe(z.array(z.looseObject({ engine: text, could: z.boolean(), reason: text }))),
  workspace: text,
  kind: text,
  engine: maybe(text),
  region: maybe(text),
  status: statusSchema,
  waitingFor: maybe(text),
  commit: maybe(text),
  endsAt: maybe(text),
  outputs: maybe(z.record(text, z.unknown())),
  resources: maybe(z.array(resourceSchema)),
  refusal: maybe(refusalSchema),
  error: maybe(errorSchema),
  timings: maybe(
    z.looseObject({ accepted: maybe(text), assigned: maybe(text), started: maybe(text), finished: maybe(text) }),
  ),
})
export type ShownDeployment = z.infer<typeof deploymentSchema>

/** What a preview leaves as its outputs. */
export const planSchema = z.looseObject({
  changes: z.array(z.looseObject({ urn: text, type: text, operation: text })).default([]),
  takes: z.array(z.looseObject({ urn: text, type: text, amounts: z.array(amountSchema) })).default([]),
  replacements: z.array(z.looseObject({ says: text })).default([]),
  watched: z
    .looseObject({
      worst: z.array(z.looseObject({ resource: text, meter: text, says: text })),
      usd: z.number().optional(),
    })
    .default({ worst: [] }),
  refusal: maybe(z.looseObject({ message: text })),
})

/** One line of a deployment's story. */
export const storyLineSchema = z.looseObject({
  seq: maybe(z.coerce.number()),
  at: maybe(text),
  phase: maybe(text),
  level: maybe(text),
  text: z.string().default(''),
  data: maybe(z.record(text, z.unknown())),
})
export type ShownStoryLine = z.infer<typeof storyLineSchema>

export const quotaLineSchema = z.looseObject({
  engine: maybe(text),
  cloudAccount: maybe(text),
  meter: text,
  unit: maybe(text),
  scope: maybe(text),
  period: maybe(text),
  pays: z.string().default('free'),
  limit: z.coerce.number(),
  held: z.coerce.number().default(0),
  used: z.coerce.number().default(0),
  left: maybe(z.coerce.number()),
  /** What is seen in use without us: recorded beside, never granted. */
  observed: z.coerce.number().default(0),
  /** What of the held part has gone by already. */
  gone: z.coerce.number().default(0),
  /** What a whole next period leaves. */
  leftNext: maybe(z.coerce.number()),
  /** What the platform itself said was used. */
  reading: maybe(z.coerce.number()),
  /** USD for one unit beyond the limit. */
  price: maybe(z.coerce.number()),
  over: z.boolean().default(false),
  resets: maybe(text),
  class: maybe(text),
  holders: z.array(holderSchema).default([]),
})
export type QuotaLine = z.infer<typeof quotaLineSchema>

export const engineSchema = z.looseObject({
  code: text,
  name: text,
  carries: z.array(text).default([]),
  closed: maybe(text),
  regions: z.array(text).default([]),
  clones: maybe(z.union([z.number(), z.array(z.unknown()).transform((clones) => clones.length)])),
  noCarrier: z.record(text, text).default({}),
})
export type ShownEngine = z.infer<typeof engineSchema>

export const workspaceSchema = z.looseObject({
  name: text,
  live: z.boolean(),
  engine: maybe(text),
  region: maybe(text),
  endsAt: maybe(text),
  suspended: z.boolean().default(false),
  drift: z.array(driftSchema).default([]),
  dns: z.array(z.looseObject({ type: text, name: text, value: text })).default([]),
  health: z
    .array(
      z.looseObject({ component: text, healthy: maybe(z.boolean()), since: text, checked: maybe(text), detail: text }),
    )
    .default([]),
  outputs: z.record(text, z.unknown()).default({}),
  last: maybe(z.looseObject({ kind: text, status: text })),
})
export type ShownWorkspace = z.infer<typeof workspaceSchema>

export const releaseSchema = z.looseObject({
  id: text,
  number: z.number(),
  kind: text,
  status: statusSchema,
  ref: maybe(text),
  commit: maybe(text),
  artifact: maybe(text),
  goesBackTo: maybe(z.number()),
  accepted: text,
  stands: z.boolean().default(false),
})
export type ShownRelease = z.infer<typeof releaseSchema>

export const secretSchema = z.looseObject({
  name: text,
  setAt: text,
  setBy: text,
  neededBy: z.array(text).default([]),
})

export const dnsAnswerSchema = z.looseObject({
  type: text,
  name: text,
  value: text,
  answers: text,
  found: z.array(text).default([]),
  why: maybe(text),
})
export type ShownDnsAnswer = z.infer<typeof dnsAnswerSchema>

export const configValueSchema = z.looseObject({
  component: text,
  name: text,
  value: maybe(text),
  from: maybe(text),
  deployed: maybe(text),
})
export type ShownConfigValue = z.infer<typeof configValueSchema>

export const orphanSchema = z.looseObject({ type: text, id: maybe(text), adoptable: z.boolean(), says: text })

export const inventoryItemSchema = z.looseObject({
  id: text,
  type: text,
  urn: maybe(text),
  cloudAccount: maybe(text),
  engine: maybe(text),
})

export const callSchema = z.looseObject({
  seq: z.number(),
  operation: text,
  type: text,
  urn: maybe(text),
  token: maybe(text),
  outcome: maybe(text),
})

const billLineSchema = z.looseObject({
  cloudAccount: maybe(text),
  resource: text,
  item: text,
  quantity: z.number(),
  unit: maybe(text),
  amount: z.number(),
})

const billedAccountSchema = z.looseObject({
  engine: text,
  cloudAccount: text,
  plan: maybe(text),
  total: z.number(),
})

export const billSchema = z.looseObject({
  accounts: z.array(billedAccountSchema).default([]),
  total: z.coerce.number(),
  lines: z.array(billLineSchema).default([]),
})

/** A page of anything: bare, under `items`, or under the noun. */
export function listOf(answer: unknown, noun: string): Record<string, unknown>[] {
  const holder = answer as Record<string, unknown> | unknown[] | null | undefined
  const found = Array.isArray(holder) ? holder : (holder?.items ?? holder?.[noun])
  return Array.isArray(found) ? (found as Record<string, unknown>[]) : []
}
