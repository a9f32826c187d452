import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { GuardRule } from '../../../stacks/contract/rule.ts'
import { type Foresight, openForesight } from '../../../stacks/planner/foresee.ts'
import { serveProvider } from '../../../stacks/provider/serve.ts'
import { Asset, Secret, UNKNOWN, type Values } from '../../../stacks/wire/values.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { memoryCloud } from '../provider/memory-cloud.ts'

const TYPE = 'cloudy:index/thing:Thing'
const URN = `urn:pulumi:w::p::${TYPE}::a`
const TAGS = { 'pipi-workspace': 'w', 'pipi-urn': '0', 'pipi-intent': 'i' }

describe('what would become of what exists', () => {
  let foresight: Foresight
  let asked: Values[]
  let close: () => Promise<void>
  beforeEach(async () => {
    asked = []
    const cloud = memoryCloud('cloudy')
    const served = await serveProvider({
      ...cloud,
      configure: async (variables) => {
        const configured = await cloud.configure(variables)
        return {
          ...configured,
          diff: (type, id, before, now, urn) => {
            asked.push(now)
            return configured.diff(type, id, before, now, urn)
          },
        }
      },
    })
    const rule: GuardRule = {
      safe: (inputs) => ({ filled: 'in', ...inputs }),
      suspended: (inputs) => ({ ...inputs, count: 0 }),
      demand: () => ({ ok: true, demand: { amounts: [] } }),
      tagProperty: 'tags',
      lookup: (inputs) => ({ name: inputs.name }),
      find: async () => undefined,
      stateful: false,
      deadlineMs: 1000,
    }
    const upstreams = { cloudy: served.address }
    foresight = openForesight({
      upstreams,
      configuration: {},
      rules: { [TYPE]: rule },
      workspace: 'w',
      suspended: false,
    })
    close = () => served.close()
  })
  afterEach(async () => {
    foresight.close()
    await close()
  })

  /** `held` beside what every thing carries. */
  const of = (planned: Values, held: Values) => {
    const inputs = { filled: 'in', size: 'small', tags: TAGS, ...held }
    const state = { urn: URN, type: TYPE, custom: true, id: 'thing-1', inputs, outputs: inputs }
    return foresight.of(
      { urn: URN, type: TYPE, name: 'a', custom: true, inputs: planned },
      { ...state, pendingDelete: false, pendingReplacement: false, needs: [] },
    )
  }

  it('is nothing where the program says what the state holds: nobody is asked', async () => {
    // As providers say which values they filled in by themselves.
    const filledIn = { __defaults: ['size'] }
    expect(await of({ name: 'a', list: [1, { b: 2 }] }, { name: 'a', list: [1, { b: 2 }], ...filledIn })).toEqual({
      operation: 'same',
    })
    // The state keeps a secret closed; whether it changed is the run's to find out.
    expect(await of({ name: 'a', key: new Secret('k') }, { name: 'a', key: new Secret(UNKNOWN), ...filledIn })).toEqual(
      {
        operation: 'same',
      },
    )
    expect(asked).toEqual([])
  })

  it('is asked about where something may have been taken away', async () => {
    expect(await of({ name: 'a' }, { name: 'a', note: 'gone' })).toEqual({ operation: 'update' })
    expect(asked).toHaveLength(1)
  })

  it('is what the provider says of a change, of a value that is not known yet, and of a secret that is no secret any more', async () => {
    expect(await of({ name: 'a', note: 'new' }, { name: 'a' })).toEqual({ operation: 'update' })
    expect(await of({ name: 'b', region: UNKNOWN }, { name: 'a', region: 'eu' })).toEqual({ operation: 'replace' })
    expect(await of({ name: 'a', key: 'k' }, { name: 'a', key: new Secret(UNKNOWN) })).toEqual({ operation: 'same' })
  })

  it('goes first where it must, and says why', async () => {
    const held = { name: 'a', region: 'eu' }
    expect(await of({ name: 'a', region: 'us' }, held)).toEqual({
      operation: 'replace',
      deleteFirst: 'both would go by the same name',
    })
    expect(await of({ name: 'b', region: 'us', exclusive: true }, held)).toMatchObject({
      deleteFirst: 'the platform takes no second one under its name',
    })
    expect(await of({ name: UNKNOWN, region: 'us' }, held)).toMatchObject({
      deleteFirst: 'what it will be called is not known yet',
    })
  })

  it('takes files for the same by their bytes, not by where they lie', async () => {
    const path = join(await tempFolder(), 'now.zip')
    await writeFile(path, 'bytes')
    const hash = createHash('sha256').update('bytes').digest('hex')
    const held = { name: 'a', code: new Asset('archive', { path: '/elsewhere/before.zip', hash }) }
    expect(await of({ name: 'a', code: new Asset('archive', { path }) }, held)).toEqual({ operation: 'same' })
    await writeFile(path, 'other bytes')
    expect(await of({ name: 'a', code: new Asset('archive', { path }) }, held)).toEqual({ operation: 'update' })
  })
})
