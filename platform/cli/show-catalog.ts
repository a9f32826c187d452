import type { MeterFact, Platform, Service } from '../../catalog/schema.ts'
import { stalenessOf } from '../../catalog/staleness.ts'
import { figure } from './show-quota.ts'
import type { Terminal } from './terminal.ts'

/** One line a platform. */
export function showPlatforms(terminal: Terminal, platforms: Platform[]): void {
  terminal.table(
    ['CODE', 'PLATFORM', 'PLANS', 'FREE SERVICES', 'CHECKED', 'GOOD FOR'],
    platforms.map((it) => [
      it.code,
      it.name,
      it.plans.map((plan) => plan.id).join(', '),
      String(it.services.filter((service) => service.active).length),
      it.checked,
      age(terminal, it),
    ]),
  )
}

/** Everything known of one platform, each limit with its source. */
export function showPlatform(terminal: Terminal, platform: Platform): void {
  terminal.line(
    `${terminal.style('bold', platform.name)} (${platform.code})  checked ${platform.checked}, good for ${age(terminal, platform)}`,
  )
  terminal.line()
  terminal.table(
    ['SERVICE', 'PLAN', 'FREE LIMITS', 'AT THE LIMIT', 'BEYOND', 'SOURCES'],
    platform.services.map((service) => [
      service.active ? service.id : `${service.id} (ended)`,
      service.plan,
      service.meters.map(limitText).join('\n'),
      onLimitText(service),
      service.beyond ?? '',
      service.sources.join(', '),
    ]),
  )
  const conditions = platform.services.flatMap((service) =>
    [...(service.refused === undefined ? [] : [`never made here: ${service.refused}`]), ...service.conditions].map(
      (words) => [service.id, words],
    ),
  )
  if (conditions.length > 0) {
    terminal.line(`\n${terminal.style('bold', 'Conditions')}`)
    terminal.table(['SERVICE', 'WHAT'], conditions)
  }
  const readers = Object.entries(platform.readers)
  if (readers.length > 0) {
    terminal.line(`\n${terminal.style('bold', 'How use is read')}`)
    terminal.table(
      ['READER', 'CALL', 'BEHIND', 'A CALL COSTS', 'WHAT'],
      readers.map(([id, reader]) => [
        id,
        reader.call,
        `${figure(reader.delayMinutes)} min`,
        reader.usdPerCall === 0 ? 'nothing' : `${reader.usdPerCall} USD: never called`,
        reader.title,
      ]),
    )
  }
  if (platform.neverFree.length > 0) {
    terminal.line(`\n${terminal.style('bold', 'Never free')}`)
    terminal.table(
      ['WHAT', 'PRICE', 'SOURCES'],
      platform.neverFree.map((it) => [it.type ?? it.service ?? '', it.price, it.sources.join(', ')]),
    )
  }
  terminal.line(`\n${terminal.style('bold', 'Sources')}`)
  terminal.table(
    ['ID', 'TITLE', 'DATE', 'ADDRESS'],
    Object.entries(platform.sources).map(([id, source]) => [id, source.title, source.date, source.url]),
  )
}

function onLimitText(service: Service): string {
  return [service.onLimit, ...Object.entries(service.onLimitOn).map(([plan, what]) => `${plan}: ${what}`)].join('\n')
}

function limitText(meter: MeterFact): string {
  const limit = typeof meter.limit === 'number' ? figure(meter.limit) : 'what the host has,'
  return `${meter.name}: ${limit} ${meter.unit} / ${meter.period}${meter.scope === 'account' ? '' : ` per ${meter.scope}`}`
}

function age(terminal: Terminal, platform: Platform): string {
  const { stale, daysLeft } = stalenessOf(platform, Date.now())
  return stale ? terminal.style('red', 'past its date: nothing is granted') : `${daysLeft} days`
}
