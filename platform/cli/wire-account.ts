import { z } from 'zod'

/** What the CLI reads of cloud accounts, proposals and credits in JSON. Unknown fields pass: a newer platform may say more. */
const text = z.string()
const maybe = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined)

const moneySchema = z.looseObject({ limit: z.number(), held: z.number(), used: z.number(), left: z.number() })

export const cloudAccountSchema = z.looseObject({
  id: text,
  engine: text,
  plan: text,
  consentWatched: z.boolean(),
  switch: text,
  switchWhy: maybe(text),
  switchedAt: maybe(text),
  onBurn: text,
  reopens: maybe(text),
  staleUntil: maybe(text),
  armed: maybe(z.boolean()),
  findings: z
    .array(
      z.looseObject({ what: text, ok: z.boolean(), why: text, hint: maybe(text), guard: z.boolean().default(false) }),
    )
    .default([]),
  checkedAt: maybe(text),
  budget: moneySchema,
  credit: moneySchema,
})
export type ShownCloudAccount = z.infer<typeof cloudAccountSchema>

export const credentialsSchema = z.looseObject({
  engine: text,
  needed: z.array(z.looseObject({ name: text, secret: z.boolean(), from: maybe(text), problem: maybe(text) })),
  /** The way that is used; a platform of before has one only. */
  way: maybe(text),
  otherWays: z.array(z.looseObject({ name: text, needs: z.array(text) })).default([]),
  kept: z.array(z.looseObject({ name: text, setAt: text, setBy: text })).default([]),
  own: z.boolean().default(false),
  cloudAccount: maybe(text),
  closed: maybe(text),
  hint: maybe(text),
})
export type ShownCredentials = z.infer<typeof credentialsSchema>

export const accountSchema = z.looseObject({ id: text, name: text, since: text })
export const tokenSchema = z.looseObject({
  id: text,
  role: text,
  note: text.default(''),
  since: text,
  expires: maybe(text),
  revoked: maybe(text),
})
export const newTokenSchema = z.looseObject({ id: text, secret: text })
export type NewToken = z.infer<typeof newTokenSchema>
export const openedAccountSchema = z.looseObject({ id: text, name: text, token: newTokenSchema })

export const proposalSchema = z.looseObject({
  id: text,
  engine: text,
  cloudAccount: text,
  what: text,
  value: z.record(text, z.unknown()),
  state: text,
  says: maybe(text),
  confirmBefore: text,
})
export type ShownProposal = z.infer<typeof proposalSchema>

export const creditSchema = z.looseObject({
  id: text,
  engine: text,
  usd: z.number(),
  expires: text,
  note: z.string().default(''),
  state: text,
})
