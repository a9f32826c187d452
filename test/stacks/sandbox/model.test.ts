import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CloudClient } from './cloud-client.ts'
import { MACHINE, useSandbox } from './use-sandbox.ts'

/** What the inventory ought to hold: by id, the name and label of each machine. */
type Model = Map<string, { name: string; label: string }>

type Step =
  | { kind: 'create'; name: string; label: string; fault: 'none' | 'before' | 'after' }
  | { kind: 'update'; which: number; label: string }
  | { kind: 'delete'; which: number }
  | { kind: 'drift'; which: number; label: string }
  | { kind: 'restart' }

const name = fc.constantFrom('a', 'b', 'c', 'd')
const label = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !text.includes('\0'))
const which = fc.nat({ max: 3 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('create'),
      name,
      label,
      fault: fc.constantFrom('none', 'none', 'before', 'after'),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('update'), which, label }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete'), which }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drift'), which, label }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart') }) },
)

const sandbox = useSandbox()

describe('whatever is done in whatever order', () => {
  it('the inventory is what a list on paper would say, and no id is ever given twice', async () => {
    const given = new Set<string>()
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const model: Model = new Map()
        for (const one of steps) await take(one, model, given)
        const held = (await sandbox.inventory()).map(({ id, outputs }) => [
          id,
          { name: outputs.name, label: outputs.label },
        ])
        expect(Object.fromEntries(held)).toEqual(Object.fromEntries(model))
        for (const id of model.keys()) await sandbox.cloud.delete(MACHINE, id)
      }),
      { numRuns: 25, seed: 20260101 },
    )
    expect(given.size).toBeGreaterThan(20)
  })

  async function take(one: Step, model: Model, given: Set<string>): Promise<void> {
    if (one.kind === 'restart') return sandbox.reopen()
    if (one.kind === 'create') return create(sandbox.cloud, one, model, given)
    const [id, known] = [...model][one.which] ?? []
    if (id === undefined || known === undefined) return
    if (one.kind === 'delete') {
      await sandbox.cloud.delete(MACHINE, id)
      // A second time is no error, as at every platform.
      await sandbox.cloud.delete(MACHINE, id)
      model.delete(id)
      return
    }
    if (one.kind === 'drift') await sandbox.process.admin('POST', '/drift', { id, set: { label: one.label } })
    else await sandbox.cloud.update(MACHINE, id, known, { name: known.name, label: one.label })
    model.set(id, { name: known.name, label: one.label })
  }

  async function create(
    cloud: CloudClient,
    one: Step & { kind: 'create' },
    model: Model,
    given: Set<string>,
  ): Promise<void> {
    if (one.fault !== 'none') await sandbox.process.admin('POST', '/fault', { kind: 'error', moment: one.fault })
    const taken = [...model.values()].some((known) => known.name === one.name)
    const before = new Set(model.keys())
    const made = await cloud.create(MACHINE, one.name, { name: one.name, label: one.label }).catch(() => undefined)
    expect(made !== undefined).toBe(!taken && one.fault === 'none')
    await sandbox.process.admin('DELETE', '/fault')
    if (taken || one.fault === 'before') return
    const id = made?.id ?? (await sandbox.inventory()).find((found) => !before.has(found.id))?.id ?? ''
    expect(given.has(id)).toBe(false)
    given.add(id)
    model.set(id, { name: one.name, label: one.label })
  }
})
