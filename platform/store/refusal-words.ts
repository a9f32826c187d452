import type { MeterFacts } from './refusal.ts'

/** What was asked, which meter and limit, and who holds it. */
export function messageOf(facts: MeterFacts): string {
  const { meter, unit, period } = facts
  const name = facts.resource.replace(/^.*::/, '')
  const place = facts.scope === '' ? facts.cloudAccount : `${facts.cloudAccount}, ${facts.scope}`
  switch (facts.code) {
    case 'lock.unknown-type':
      return `${name} (${facts.type}) takes ${meter}, for which no free limit of ${place} is known`
    case 'lock.unbounded':
      return `nothing bounds what ${name} may take of ${meter}`
    case 'lock.watched':
      return `what ${name} takes of ${meter} is only bounded by watching, and the owner of ${facts.cloudAccount} has not agreed to that`
    case 'lock.over-limit': {
      const asked = `${name} asks for ${amount(facts.asked, unit)} of ${meter}`
      const whole = `${amount(facts.limit, unit)}${every(period)}`
      if (facts.when === 'next') {
        return `${asked}${every(period)}, which this ${period} has room for and the next has not: ${amount(facts.held, unit)} of ${whole} is taken already at ${place}${holdersText(facts)}`
      }
      return `${asked}, and ${amount(facts.limit - facts.held, unit)} of ${whole} is left at ${place}${holdersText(facts)}`
    }
  }
}

/** What would be free instead, and what else helps, most helpful first. */
export function hintOf(facts: MeterFacts): string {
  switch (facts.code) {
    case 'lock.unknown-type':
      return 'use a resource that the catalogue knows (./pipi catalog show), or add the fact with its source'
    case 'lock.unbounded':
      return "set the resource's own limits, or deploy to an engine that has some (--engine auto says which)"
    case 'lock.watched':
      return `the owner of the cloud account can agree to watched meters (./pipi account watched ${facts.engine} on); an engine with proven limits needs nothing (--engine auto says which)`
    case 'lock.over-limit':
      return [
        ...ending(facts),
        ...room(facts),
        ...elsewhere(facts),
        ...freeing(facts),
        ...waiting(facts),
        ...paying(facts),
      ].join('; ')
  }
}

/** Only the next period is full: what is gone before it may run until then. */
function ending({ when, resets, ends }: MeterFacts): string[] {
  if (when !== 'next' || resets === null) return []
  return [
    `${ends ? 'let it end earlier' : 'give it an end'} before ${resets.slice(0, 10)} (ttl, or --ttl 7d): until then it is free`,
  ]
}

function room(facts: MeterFacts): string[] {
  if (facts.limit === 0)
    return ['nothing of it is free on this plan: another engine may carry it (--engine auto says which)']
  return facts.room > 0 ? [`up to ${amount(facts.room, facts.unit)} would be free`] : []
}

function elsewhere({ others, unit }: MeterFacts): string[] {
  if (others.length === 0) return []
  const named = others.slice(0, 3).map((other) => (other.scope === '*' ? 'any other region' : other.scope))
  return [
    `${named.join(', ')} ${named.length === 1 ? 'has' : 'have'} room for it (${amount(others[0]?.room ?? 0, unit)})`,
  ]
}

function freeing(facts: MeterFacts): string[] {
  const ours = [...new Set(facts.holders.filter((holder) => holder.resource !== '').map((holder) => holder.workspace))]
  if (ours.length > 0) {
    const some = ours.slice(0, 5).map((name) => `./pipi destroy ${name}`)
    return [`destroy one that is no longer needed (${some.join(', ')}), or deploy to another engine`]
  }
  if (facts.limit === 0) return []
  if (facts.holders.length > 0) return ['what holds it belongs to another account: use another cloud account or engine']
  return facts.observed > 0 ? ['what takes it was not made here: see ./pipi quota reconcile'] : []
}

function waiting({ when, resets, holders }: MeterFacts): string[] {
  return when === 'next' || resets === null || holders.length > 0 ? [] : [`it starts anew at ${resets}`]
}

/** What no free limit covers only money could, and that is the owner's word. */
function paying({ asked, room: free, usdPerUnit, period, money, most, engine, limit: all }: MeterFacts): string[] {
  if (usdPerUnit === null) return all === 0 ? ['no price of it is known, so that no money can pay for it'] : []
  const usd = (asked - free) * usdPerUnit * (period === 'day' ? 31 : 1)
  const costs = `beyond what is free it costs ${dollars(usd)} USD${period === 'lifetime' ? '' : ' a month'}`
  if (typeof most === 'number' && most < usd)
    return [`${costs}, and its manifest lets it spend ${dollars(most)} (budget.usdPerMonth)`]
  const { limit, left } = money?.budget ?? { limit: 0, left: 0 }
  const purse = limit === 0 ? 'the budget is 0' : `${dollars(left)} of a budget of ${dollars(limit)} USD is left`
  return [
    `${costs}, and ${purse}: its owner may raise it (./pipi budget set ${engine} ${Math.ceil(limit - left + usd)})`,
  ]
}

function holdersText(facts: MeterFacts): string {
  if (facts.holders.length === 0) return ''
  const shown = facts.holders.slice(0, 5).map((holder) => `${holder.workspace} ${amount(holder.amount, '')}`.trim())
  return `: held by ${shown.join(', ')}${facts.holders.length > 5 ? ` and ${facts.holders.length - 5} more` : ''}`
}

function amount(value: number, unit: string): string {
  return `${Number(Math.max(value, 0).toPrecision(6)).toLocaleString('en')} ${unit}`.trim()
}

/** Never less than it is. */
function dollars(usd: number): string {
  return (Math.ceil(Number((usd * 100).toPrecision(10))) / 100).toFixed(2)
}

function every(period: string): string {
  return period === 'month' || period === 'day' ? ` a ${period}` : ''
}
