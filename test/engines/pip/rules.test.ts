import { describe, expect, it } from 'vitest'
import { loadPlatform } from '../../../catalog/load.ts'
import { metersOf } from '../../../catalog/meters.ts'
import { rules } from '../../../engines/pip/rules.ts'
import { loadEngine } from '../../../engines/scan.ts'
import type { PlatformReader } from '../../../stacks/contract/find.ts'

const PROCESS = 'pip:host/process:Process'
const CONTEXT = { plan: 'own-host', region: 'host', expect: { requests: 0, egressMb: 0 } }

describe('own hosts as an engine', () => {
  it('is assembled from its folder, with carriers for every kind, and limits that it measures', async () => {
    const engine = await loadEngine('pip')
    expect(Object.keys(engine.programs).sort()).toEqual([
      'container',
      'database',
      'function',
      'job',
      'service',
      'site',
      'store',
    ])
    expect(engine.dna).toMatchObject({ provider: 'in-process', providers: ['pip'] })
    expect(engine.hosts).toBeDefined()
    expect(engine.startProvider).toBeDefined()
    const limits = await engine.limits?.()
    expect(Object.values(limits ?? {}).every((limit) => Number.isInteger(limit) && limit > 0)).toBe(true)
    const meters = metersOf(await loadPlatform('pip'), 'own-host').map((meter) => meter.id)
    expect(Object.keys(limits ?? {}).sort()).toEqual(meters.sort())
  })

  it.each([
    [
      { runtime: 'static', memory: 48, bytes: 0 },
      { 'pip-host.memory': 48, 'pip-host.disk': 1 + 16 + 2, 'pip-host.ports': 1 },
    ],
    [
      { runtime: 'static', memory: 48, bytes: 5 * 1024 ** 2 + 1 },
      { 'pip-host.memory': 48, 'pip-host.disk': 6 + 24 + 2, 'pip-host.ports': 1 },
    ],
    [
      { runtime: 'node', memory: 128, bytes: 10 },
      { 'pip-host.memory': 128, 'pip-host.disk': 1 + 16 + 2 + 64, 'pip-host.ports': 1 },
    ],
    [
      { runtime: 'job', memory: 128, bytes: 500 * 1024 ** 2 },
      { 'pip-host.memory': 128, 'pip-host.disk': 500 + 256 + 2 + 64 },
    ],
  ])('takes with %j proven amounts %j', (inputs, amounts) => {
    const answer = rules[PROCESS]?.demand(inputs, CONTEXT)
    if (!answer?.ok) throw new Error('refused')
    expect(Object.fromEntries(answer.demand.amounts.map(({ meter, amount }) => [meter, amount]))).toEqual(amounts)
    expect(answer.demand.amounts.every(({ bound, scope }) => bound === 'proven' && scope === '')).toBe(true)
  })

  it('refuses what does not say how much it takes', () => {
    for (const inputs of [
      { memory: 64 },
      { bytes: 1 },
      { memory: -1, bytes: 1 },
      { memory: 64, bytes: -1 },
      { memory: '64', bytes: 1 },
    ]) {
      expect(rules[PROCESS]?.demand(inputs, CONTEXT)).toMatchObject({ ok: false, code: 'lock.unsafe-input' })
    }
  })

  it('finds what a killed engine left by the id it had to get, and no stranger with that id', async () => {
    const there = new Map([['demo', { labels: { 'pipi-workspace': 'w-2' } }]])
    const platform: PlatformReader = {
      read: async (_, asked) => {
        const properties = there.get(asked)
        return properties && { id: asked, properties }
      },
      invoke: async () => ({}),
      get: async () => undefined,
    }
    const find = (name: string, owner: string) => {
      const rule = rules[PROCESS]
      return rule?.find(rule.lookup({ name }), platform, owner)
    }
    expect(await find('demo', 'w-2')).toBe('demo')
    expect(await find('demo', 'w-1')).toBeUndefined()
    expect(await find('other', 'w-2')).toBeUndefined()
  })
})
