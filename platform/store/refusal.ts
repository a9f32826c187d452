import { z } from 'zod'
import type { Refusal } from '../../factory/contract/truth.ts'

/** The facts of a refusal as `engine.reserve` gives them. */
export const factsSchema = z.object({
  code: z.enum(['lock.over-limit', 'lock.unknown-type', 'lock.unbounded', 'lock.watched']),
  resource: z.string(),
  type: z.string(),
  meter: z.string(),
  scope: z.string(),
  because: z.string(),
  unit: z.string(),
  title: z.string(),
  period: z.string(),
  limit: z.number(),
  held: z.number(),
  asked: z.number(),
  room: z.number(),
  cloudAccount: z.string(),
  resets: z.string().nullable(),
  holders: z.array(z.object({ workspace: z.string(), resource: z.string(), amount: z.number() })),
})
export type RefusalFacts = z.infer<typeof factsSchema>

/** A refusal in words: what was asked, what is there, who holds it, and what would be free instead. */
export function refusalOf(facts: RefusalFacts): Refusal {
  const { code, resource, meter, unit, limit, held, asked, holders } = facts
  return { code, resource, meter, unit, limit, held, asked, holders, message: message(facts), hint: hint(facts) }
}

function message(facts: RefusalFacts): string {
  const name = facts.resource.replace(/^.*::/, '')
  const place = facts.scope === '' ? facts.cloudAccount : `${facts.cloudAccount}, ${facts.scope}`
  switch (facts.code) {
    case 'lock.unknown-type':
      return `${name} (${facts.type}) takes ${facts.meter}, for which no free limit of ${place} is known`
    case 'lock.unbounded':
      return `nothing bounds what ${name} may take of ${facts.meter}`
    case 'lock.watched':
      return `what ${name} takes of ${facts.meter} is only bounded by watching, and the owner of ${facts.cloudAccount} has not agreed to that`
    case 'lock.over-limit':
      return `${name} asks for ${amount(facts.asked, facts.unit)} of ${facts.meter}, and ${amount(facts.room, facts.unit)} of ${amount(facts.limit, facts.unit)}${every(facts.period)} is left at ${place}${holdersText(facts)}`
  }
}

function hint(facts: RefusalFacts): string {
  switch (facts.code) {
    case 'lock.unknown-type':
      return 'use a resource that the catalogue knows (./pipi catalog show), or add the fact with its source'
    case 'lock.unbounded':
      return "set the resource's own limits, or deploy to an engine that has some (--engine auto says which)"
    case 'lock.watched':
      return 'the owner of the cloud account can agree to watched meters; an engine with proven limits needs nothing (--engine auto says which)'
    case 'lock.over-limit':
      return [...room(facts), ...freeing(facts), ...waiting(facts)].join('; ')
  }
}

function room(facts: RefusalFacts): string[] {
  if (facts.limit === 0)
    return ['nothing of it is free on this plan: another engine may carry it (--engine auto says which)']
  return facts.room > 0 ? [`up to ${amount(facts.room, facts.unit)} would be free`] : []
}

function freeing(facts: RefusalFacts): string[] {
  const ours = [...new Set(facts.holders.filter((holder) => holder.resource !== '').map((holder) => holder.workspace))]
  if (ours.length === 0)
    return facts.limit === 0 ? [] : ['what holds it belongs to another account: use another cloud account or engine']
  return [
    `destroy one that is no longer needed (${ours
      .slice(0, 5)
      .map((name) => `./pipi destroy ${name}`)
      .join(', ')}), or deploy to another engine`,
  ]
}

function waiting(facts: RefusalFacts): string[] {
  return facts.resets === null || facts.holders.length > 0 ? [] : [`it starts anew at ${facts.resets}`]
}

function holdersText(facts: RefusalFacts): string {
  if (facts.holders.length === 0) return ''
  const shown = facts.holders.slice(0, 5).map((holder) => `${holder.workspace} ${amount(holder.amount, '')}`.trim())
  return `: held by ${shown.join(', ')}${facts.holders.length > 5 ? ` and ${facts.holders.length - 5} more` : ''}`
}

function amount(value: number, unit: string): string {
  return `${Number(value.toPrecision(6)).toLocaleString('en')} ${unit}`.trim()
}

function every(period: string): string {
  return period === 'month' || period === 'day' ? ` a ${period}` : ''
}
