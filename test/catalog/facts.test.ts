import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadCatalog } from '../../catalog/load.ts'
import type { Platform } from '../../catalog/schema.ts'

const platforms = await loadCatalog()
/** One fact a line, as its source had it: `meter <platform> <service> <name> <unit> <limit> <period> <scope>` and so on. */
const facts = (await readFile(join(import.meta.dirname, 'facts.txt'), 'utf8')).trim().split('\n')

function linesOf(platform: Platform): string[] {
  const { code } = platform
  return [
    ...platform.plans.map((plan) =>
      [
        'plan',
        code,
        plan.id,
        plan.kind,
        plan.atLimit,
        plan.creditUsd ?? '-',
        plan.active ? 'open' : 'ended',
        plan.confidence,
      ].join(' '),
    ),
    ...platform.services.flatMap((service) => [
      [
        'service',
        code,
        service.id,
        service.plan,
        service.category,
        service.onLimit,
        service.active ? 'open' : 'ended',
        service.confidence,
        service.sources.join(','),
      ].join(' '),
      ...service.meters.map((meter) =>
        [
          'meter',
          code,
          service.id,
          meter.name,
          meter.unit.replaceAll(' ', '_'),
          meter.limit,
          meter.period,
          meter.scope,
        ].join(' '),
      ),
      ...service.types.map((type) => `type ${code} ${service.id} ${type}`),
      ...service.terraform.map((type) => `terraform ${code} ${service.id} ${type}`),
    ]),
    ...platform.neverFree.map((fact) =>
      `never ${code} ${fact.type ?? fact.service?.split(/[ ,(]/)[0]} ${fact.sources.join(',')}`.trim(),
    ),
    ...platform.zeroCost.map((type) => `zero ${code} ${type}`),
    ...Object.entries(platform.sources).map(([id, { url, date }]) => `source ${code} ${id} ${url} ${date}`),
  ]
}

describe('the facts', () => {
  it.each([...platforms.values()].filter(({ code }) => code !== 'pip'))(
    'of $code are all there, each limit, type, source and date as it was read',
    (platform) => {
      const kept = new Set(linesOf(platform))
      const wanted = facts.filter((line) => line.split(' ')[1] === platform.code)
      expect(wanted.length).toBeGreaterThan(0)
      expect(wanted.filter((line) => !kept.has(line))).toEqual([])
    },
  )
})
