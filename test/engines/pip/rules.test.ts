import { describe, expect, it } from 'vitest'
import { loadPlatform } from '../../../catalog/load.ts'
import { metersOf } from '../../../catalog/meters.ts'
import { rules } from '../../../engines/pip/rules.ts'
import { releaseId } from '../../../engines/pip/supervisor/spec.ts'
import { loadEngine } from '../../../engines/scan.ts'
import type { PlatformReader } from '../../../stacks/contract/find.ts'

const RELEASE = 'pip:host/release:Release'
const PROCESS = 'pip:host/process:Process'
const CONTEXT = { plan: 'own-host', region: 'host', expect: { requests: 0, egressMb: 0 } }

describe('own hosts as an engine', () => {
  it('is assembled from its folder, with carriers for sites and services and limits that it measures', async () => {
    const engine = await loadEngine('pip')
    expect(Object.keys(engine.programs).sort()).toEqual(['service', 'site'])
    expect(engine.dna).toMatchObject({ provider: 'in-process', providers: ['pip'], companion: 'supervisor/main.ts' })
    expect(engine.startProvider).toBeDefined()
    const limits = await engine.limits?.()
    expect(Object.values(limits ?? {}).every((limit) => Number.isInteger(limit) && limit > 0)).toBe(true)
    const meters = metersOf(await loadPlatform('pip'), 'own-host').map((meter) => meter.id)
    expect(Object.keys(limits ?? {}).sort()).toEqual(meters.sort())
  })

  it.each([
    [RELEASE, { bytes: 1 }, { 'pip-host.disk': 1 }],
    [RELEASE, { bytes: 5 * 1024 ** 2 + 1 }, { 'pip-host.disk': 6 }],
    [PROCESS, { runtime: 'static', memory: 48 }, { 'pip-host.memory': 48, 'pip-host.disk': 2, 'pip-host.ports': 1 }],
    [PROCESS, { runtime: 'node', memory: 128 }, { 'pip-host.memory': 128, 'pip-host.disk': 66, 'pip-host.ports': 1 }],
  ])('takes for %s with %j proven amounts %j', (type, inputs, amounts) => {
    const answer = rules[type]?.demand(inputs, CONTEXT)
    if (!answer?.ok) throw new Error('refused')
    expect(Object.fromEntries(answer.demand.amounts.map(({ meter, amount }) => [meter, amount]))).toEqual(amounts)
    expect(answer.demand.amounts.every(({ bound, scope }) => bound === 'proven' && scope === '')).toBe(true)
  })

  it('refuses what does not say how much it takes', () => {
    expect(rules[RELEASE]?.demand({}, CONTEXT)).toMatchObject({ ok: false, code: 'lock.unsafe-input' })
    expect(rules[PROCESS]?.demand({ runtime: 'node' }, CONTEXT)).toMatchObject({ ok: false, code: 'lock.unsafe-input' })
    expect(rules[PROCESS]?.demand({ memory: -1 }, CONTEXT)).toMatchObject({ ok: false, code: 'lock.unsafe-input' })
  })

  it('finds what a killed engine left by the id it had to get, and no stranger with that id', async () => {
    const digest = 'a1'.repeat(32)
    const id = releaseId({ name: 'demo', digest })
    const there = new Map([
      [id, { labels: { 'pipi-workspace': 'w-1' } }],
      ['demo', { labels: { 'pipi-workspace': 'w-2' } }],
    ])
    const platform: PlatformReader = {
      read: async (_, asked) => {
        const properties = there.get(asked)
        return properties && { id: asked, properties }
      },
      invoke: async () => ({}),
      get: async () => undefined,
    }
    const find = (type: string, inputs: Record<string, unknown>, owner: string) => {
      const rule = rules[type]
      return rule?.find(rule.lookup(inputs), platform, owner)
    }
    expect(await find(RELEASE, { name: 'demo', digest }, 'w-1')).toBe(id)
    expect(await find(RELEASE, { name: 'other', digest }, 'w-1')).toBeUndefined()
    expect(await find(PROCESS, { name: 'demo' }, 'w-2')).toBe('demo')
    expect(await find(PROCESS, { name: 'demo' }, 'w-1')).toBeUndefined()
  })
})
