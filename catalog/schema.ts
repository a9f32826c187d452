import { z } from 'zod'

const date = z.iso.date()
const words = z.string().min(1).max(600)

/** Where a fact was read, and when. */
export const sourceSchema = z.strictObject({
  title: words,
  url: z.url({ protocol: /^https$/ }),
  /** As the source itself dates it: a day where it says one, else words. */
  date: words,
  kind: z.enum([
    'official',
    'official-quote',
    'vendor-source',
    'price-list-derived',
    'tracker',
    'secondary',
    'community',
    'own-host',
  ]),
  note: words.optional(),
})

/** What happens when a limit is passed. Only `hard-stop` and `blocked` can never cost money. */
export const onLimitSchema = z.enum(['hard-stop', 'blocked', 'bill', 'drain-credit', 'throttle', 'suspend', 'unknown'])

const confidence = z.enum(['high', 'medium', 'low'])

export const planSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
  kind: z.enum(['always-free', '12-month', 'credit', 'trial', 'paid-only', 'own-host']),
  /** Plans whose allowances an account on this plan has as well. */
  includes: z.array(z.string()).default([]),
  atLimit: onLimitSchema,
  /** Whether a payment card must be on file. */
  card: z.enum(['yes', 'no', 'unknown', 'sometimes']),
  creditUsd: z.number().positive().optional(),
  creditEur: z.number().positive().optional(),
  expires: words,
  /** False: nobody can be on it any more. */
  active: z.boolean().default(true),
  note: words.optional(),
  sources: z.array(z.string()).default([]),
  confidence,
})

/** USD for `per` units beyond the limit: of the meter's period, or of a month for what is counted while it exists. */
export const priceSchema = z.strictObject({
  usd: z.number().min(0),
  per: z.number().positive().default(1),
  /** For what is counted while it exists and is charged by the hour. */
  every: z.literal('hour').optional(),
  note: words.optional(),
})

/** How a platform tells what was used: through which call, and how far behind it is. */
export const readerSchema = z.strictObject({
  title: words,
  /** The call as the platform's own API names it. */
  call: words,
  /** How far behind the truth its figures are at most, minutes. */
  delayMinutes: z.number().min(0),
  /** What one call costs, USD: anything but 0 is never called. */
  usdPerCall: z.number().min(0).default(0),
  sources: z.array(z.string()).default([]),
  confidence,
})

export const meterSchema = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9+-]*$/),
  unit: z.string().min(1).max(30),
  /** `host`: only the host itself knows; its engine says so. */
  limit: z.union([z.number().min(0), z.literal('host')]),
  period: z.enum(['concurrent', 'month', 'day', 'lifetime', 'window']),
  /** What it is counted per: the cloud account, or each of these below it. */
  scope: z.enum(['account', 'project', 'region', 'resource']),
  /** For `resource`: the meter of the same service that bounds how many there can be. */
  times: z.string().optional(),
  /** What passes the limit costs so much; left out: not known in numbers, so no money can pay for it. */
  price: priceSchema.optional(),
  /** A key of the platform's `readers` that costs nothing: by which its use is watched. */
  reader: z.string().optional(),
  note: words.optional(),
})

const typeToken = z
  .string()
  .regex(/^[a-z][a-z0-9-]*:[A-Za-z0-9/]*:[A-Za-z0-9]+$/, 'a Pulumi type token, package:module:Type')

const scalar = z.union([z.string(), z.number(), z.boolean()])
/** `a.b.c`; `*` stands for every item of a list. */
const inputPath = z
  .string()
  .regex(/^[A-Za-z_$][\w$-]*(\.([\w$-]+|\*))*$/, 'a path of inputs, as template.containers.*.image')
const onTypes = z.array(typeToken).min(1).optional()

/** What an input must be like for a resource to stay free. It binds: `engines/demand` evaluates it on every operation. */
export const requirementSchema = z.strictObject({
  property: inputPath,
  /** Also what is filled in where it was left out. */
  equals: scalar.optional(),
  oneOf: z.array(scalar).min(1).optional(),
  noneOf: z.array(scalar).min(1).optional(),
  max: z.number().optional(),
  min: z.number().optional(),
  absent: z.literal(true).optional(),
  present: z.literal(true).optional(),
  /** What is filled in where it was left out and no `equals` says it. */
  fill: scalar.optional(),
  /** Left out it is fine: what the platform takes then is free as well. */
  optional: z.literal(true).optional(),
  /** Types of the service that it is about; left out: all. */
  on: onTypes,
})

/**
 * What one resource takes of a meter, for types that no engine has a rule for: exactly one of `count`, `whole`, `from`,
 * `lengthOf`, `expect` and `assume`, times `times`. In the meter's unit, for its whole period.
 */
export const takeSchema = z.strictObject({
  /** A meter of this service, or `<service>.<meter>` of another one. */
  meter: z.string().min(1),
  on: onTypes,
  /** A fixed number; 0: known to take nothing. */
  count: z.number().min(0).optional(),
  /** All that one resource has of it, as the meter's own limit per resource says. */
  whole: z.literal(true).optional(),
  /** The product of the numbers at these paths; a path with `*` is the sum of what it names. */
  from: z.array(inputPath).min(1).optional(),
  /** How many items the list at this path has. */
  lengthOf: inputPath.optional(),
  /** What the component expects to be used: bounded by watching, or by the platform that stops at the limit. */
  expect: z.enum(['requests', 'egressMb']).optional(),
  /** A figure of ours for a use that no setting bounds; bounded as what is expected is. */
  assume: z.number().positive().optional(),
  times: z.number().positive().optional(),
  /** What the platform takes where a path of `from` was left out. */
  defaults: z.record(inputPath, z.number().min(0)).default({}),
  /** The most of it in an hour by the platform's own throttles, for `expect` and `assume`. */
  perHour: z.number().positive().optional(),
})

export const serviceSchema = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]*$/),
  category: z.string().min(1),
  plan: z.string(),
  /** False: the allowance ended; kept so that it is refused with a reason. */
  active: z.boolean().default(true),
  meters: z.array(meterSchema).min(1),
  conditions: z.array(words).default([]),
  require: z.array(requirementSchema).default([]),
  /** Regions in which it is free; left out: all. */
  regions: z.array(z.string()).optional(),
  onLimit: onLimitSchema,
  /** Plans on which something else happens at the limit. */
  onLimitOn: z.record(z.string(), onLimitSchema).default({}),
  /** Why nothing of it is ever made, although it stands on a list of what is free. */
  refused: words.optional(),
  takes: z.array(takeSchema).default([]),
  /** List price beyond the limit, USD, in words; `price` of the meters has it in numbers. */
  beyond: words.optional(),
  types: z.array(typeToken).default([]),
  terraform: z.array(z.string()).default([]),
  sources: z.array(z.string()).default([]),
  confidence,
})

export const neverFreeSchema = z.strictObject({
  type: typeToken.optional(),
  service: words.optional(),
  price: words,
  /** The same in numbers, for the smallest of it; left out: not known in numbers. */
  cost: z
    .strictObject({
      usd: z.number().positive().optional(),
      eur: z.number().positive().optional(),
      every: z.enum(['hour', 'month']),
    })
    .optional(),
  sources: z.array(z.string()).default([]),
})

export const platformSchema = z.strictObject({
  code: z.string().regex(/^[a-z]{3}$/),
  name: words,
  homepage: z.url(),
  /** The day on which these facts were last checked against their sources. */
  checked: date,
  /** Days after which nothing more is granted on them. Facts that a host measures at each start hold for 100 years. */
  goodForDays: z.int().min(1).max(36_525),
  /** Regions over which the allowances count, where a service does not name its own; left out: all. */
  regions: z.array(z.string()).min(1).optional(),
  plans: z.array(planSchema).min(1),
  services: z.array(serviceSchema),
  neverFree: z.array(neverFreeSchema).default([]),
  /** How use is read, by id. */
  readers: z.record(z.string().regex(/^[a-z][a-z0-9-]*$/), readerSchema).default({}),
  /** Types without a charge or a limit of their own. */
  zeroCost: z.array(typeToken).default([]),
  /** Inputs with which a type is free, by type: rows of the table of demand, and what its tests begin with. */
  examples: z.record(typeToken, z.record(z.string(), z.json())).default({}),
  sources: z.record(z.string().regex(/^[A-Z][A-Z0-9]*$/), sourceSchema),
})

export type Platform = z.infer<typeof platformSchema>
export type Plan = z.infer<typeof planSchema>
export type Service = z.infer<typeof serviceSchema>
export type MeterFact = z.infer<typeof meterSchema>
export type Requirement = z.infer<typeof requirementSchema>
export type Take = z.infer<typeof takeSchema>
