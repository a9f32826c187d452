import { z } from 'zod'
import type { Refusal } from '../../factory/contract/truth.ts'
import { hintOf, messageOf } from './refusal-words.ts'

const holderSchema = z.object({
  workspace: z.string(),
  resource: z.string(),
  /** Of a whole period, in the meter's unit. */
  amount: z.number(),
  /** What of it money pays for. */
  paid: z.number().optional(),
})

const purseSchema = z.object({ limit: z.number(), left: z.number() })

/** A meter that has no room, is unknown, or is not bounded well enough. */
const meterFactsSchema = z.object({
  code: z.enum(['lock.over-limit', 'lock.unknown-type', 'lock.unbounded', 'lock.watched']),
  resource: z.string(),
  type: z.string(),
  meter: z.string(),
  scope: z.string(),
  because: z.string(),
  class: z.enum(['proven', 'watched', 'unbounded']),
  unit: z.string(),
  title: z.string(),
  period: z.string(),
  /** Which period is full: the running one, or only the one after it. */
  when: z.enum(['now', 'next']),
  limit: z.number(),
  /** Of that period: held, used and observed. */
  held: z.number(),
  observed: z.number(),
  asked: z.number(),
  /** How much of what is asked would fit. */
  room: z.number(),
  engine: z.string(),
  cloudAccount: z.string(),
  resets: z.string().nullable(),
  /** Whether it is promised to end. */
  ends: z.boolean(),
  usdPerUnit: z.number().nullable(),
  /** What the workspace's own manifest lets it spend a month, USD. */
  most: z.number().nullish(),
  money: z.object({ budget: purseSchema.optional(), credit: purseSchema.optional() }).nullable(),
  /** Scopes of the same meter that have room for all of it. */
  others: z.array(z.object({ scope: z.string(), room: z.number() })),
  holders: z.array(holderSchema),
})
export type MeterFacts = z.infer<typeof meterFactsSchema>

/** The kill switch of the cloud account is thrown. */
const stoppedFactsSchema = z.object({
  code: z.literal('lock.stopped'),
  resource: z.string(),
  cloudAccount: z.string(),
  switch: z.string(),
  why: z.string(),
  hint: z.string(),
})

/** The facts of a refusal as `engine.reserve` gives them. */
export const factsSchema = z.discriminatedUnion('code', [meterFactsSchema, stoppedFactsSchema])
export type RefusalFacts = z.infer<typeof factsSchema>

/** A refusal in words: what was asked, what is there, who holds it, and what would be free instead. */
export function refusalOf(facts: RefusalFacts): Refusal {
  const { code, resource } = facts
  if (code === 'lock.stopped') {
    const message = `the kill switch of ${facts.cloudAccount} is thrown (${facts.switch}): ${facts.why}`
    return { code, ...(resource === '' ? {} : { resource }), message, hint: facts.hint }
  }
  const { meter, unit, limit, held, asked } = facts
  const holders = facts.holders.map(({ workspace, resource: name, amount }) => ({ workspace, resource: name, amount }))
  return {
    ...{ code, resource, meter, unit, limit, held, asked, holders, class: facts.class },
    message: messageOf(facts),
    hint: hintOf(facts),
  }
}
