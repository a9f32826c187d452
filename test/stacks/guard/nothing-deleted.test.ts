import * as pulumi from '@pulumi/pulumi'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PipiError } from '../../../catalog/errors.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { type GuardedStack, guardedStack, type RunOptions, Thing } from '../driver/guarded-stack.ts'

class Nest extends pulumi.ComponentResource {
  constructor(name: string, crack?: 'before' | 'after' | 'outputs') {
    super('nest:index:Nest', name)
    if (crack === 'before') throw new Error('boom in a component')
    new Thing('egg', { name: 'egg' }, { parent: this })
    if (crack === 'after') throw new Error('boom in a component')
    this.registerOutputs(crack === 'outputs' ? { never: later('the outputs of a component') } : {})
  }
}

/** Three that run: one alone, one that hangs on it, one below a component. */
function honest(more: Record<string, unknown> = {}): Thing {
  const a = new Thing('a', { name: 'a', ...more })
  new Thing('b', { name: 'b', peer: a.address })
  new Nest('nest')
  return a
}

function fail(where: string): never {
  throw new Error(`boom in ${where}`)
}

async function later(where: string): Promise<string> {
  return fail(where)
}

function lostAt(operation: string): RunOptions['intents'] {
  return {
    begin: async (intent) => {
      if (intent.operation === operation) throw new PipiError('lease.lost', 'token 1 is stale')
      return intent.intent ?? 'intent'
    },
  }
}

interface Case {
  what: string
  /** What the program does once it is for real; its plan is the honest one unless `own` says that it is its own. */
  program: () => unknown
  own?: true
  intents?: RunOptions['intents']
}

const CASES: Case[] = [
  { what: 'a throw before anything is declared', program: () => fail('the program') },
  {
    what: 'a throw in the middle',
    program: () => {
      new Thing('a', { name: 'a' })
      fail('the program')
    },
  },
  {
    what: 'a throw in an apply',
    program: () => new Thing('a', { name: 'a' }).address.apply(() => fail('an apply')),
  },
  {
    what: 'a throw in an apply on which another hangs',
    program: () => {
      const a = new Thing('a', { name: 'a' })
      new Thing('b', { name: 'b', peer: a.address.apply(() => fail('an apply')) })
    },
  },
  { what: 'a throw in a component, before what is in it', program: () => new Nest('nest', 'before') },
  { what: 'a throw in a component, after what is in it', program: () => new Nest('nest', 'after') },
  { what: 'outputs of a component that are rejected', program: () => new Nest('nest', 'outputs') },
  {
    what: 'a promise that is rejected and that nobody waits for',
    program: () => {
      void later('a promise')
      new Thing('a', { name: 'a' })
    },
  },
  { what: 'an input that is rejected', program: () => new Thing('a', { name: pulumi.output(later('an input')) }) },
  { what: 'an output of the stack that is rejected', program: () => ({ never: later('an output') }) },
  {
    what: 'a transformation that fails',
    program: () => {
      pulumi.runtime.registerStackTransformation(() => fail('a transformation'))
      honest()
    },
  },
  {
    what: 'a transform that fails',
    program: () => {
      pulumi.runtime.registerResourceTransform(() => fail('a transform'))
      honest()
    },
  },
  { what: 'a program that ends early', program: () => new Thing('a', { name: 'a' }) },
  { what: 'a refusal at the first of several changes', program: () => honest({ count: 9 }) },
  {
    what: 'a refusal at the last of several changes',
    program: () => {
      const a = new Thing('a', { name: 'a', note: 'changed' })
      new Thing('b', { name: 'b', peer: a.address, count: 9 })
      new Nest('nest')
    },
  },
  {
    what: 'a refusal of something new beside a delete that is planned',
    own: true,
    program: () => {
      new Thing('a', { name: 'a' })
      if (!pulumi.runtime.isDryRun()) new Thing('more', { name: 'm' })
    },
  },
  { what: 'a lease that is lost at an update', program: () => honest({ note: 'x' }), intents: lostAt('update') },
  { what: 'a lease that is lost at a delete', own: true, program: () => undefined, intents: lostAt('delete') },
  {
    what: 'a lease that is lost at a replacement',
    own: true,
    program: () => honest({ name: 'z', region: 'us' }),
    intents: lostAt('create'),
  },
]

describe('nothing that runs is deleted by', () => {
  let stack: GuardedStack
  let things: string[]
  /** A promise that nobody waits for is Pulumi's to report here, not the test runner's. */
  const strangers = process.listeners('unhandledRejection')
  beforeAll(async () => {
    process.removeAllListeners('unhandledRejection')
    process.on('unhandledRejection', () => undefined)
    stack = await guardedStack(await tempFolder())
    await good()
    things = await inState()
    expect(things).toHaveLength(3)
  })
  afterAll(async () => {
    process.removeAllListeners('unhandledRejection')
    for (const listener of strangers) process.on('unhandledRejection', listener)
    await stack.close()
  })

  const good = async () => {
    const result = await stack.run('up', async () => ({ address: honest().address }))
    expect(result).toMatchObject({ ok: true, refusals: [] })
    return result
  }
  const inState = async () =>
    (await stack.state()).resources.flatMap(({ id }) => (id?.startsWith('thing-') === true ? [id] : [])).sort()

  it.each(CASES)('$what', async ({ program, own, intents }) => {
    const before = stack.cloud.calls.length
    const whole = async () => (await program()) as Record<string, unknown> | undefined
    const ended = await stack
      .run('up', async () => toOutputs(await whole()), {
        ...(own === true ? {} : { planned: async () => ({ address: honest().address }) }),
        ...(intents === undefined ? {} : { intents }),
      })
      .catch(() => ({ ok: false }))
    expect(ended.ok).toBe(false)
    const calls = stack.cloud.calls.slice(before)
    expect(calls).not.toContain('delete')
    expect(calls).not.toContain('create')
    expect([...stack.cloud.stored.keys()].sort()).toEqual(things)
    expect(await inState()).toEqual(things)
    // What was updated before the refusal is put back; nothing else is left to do.
    expect((await good()).calls.filter((call) => call !== 'update')).toEqual([])
    expect(await inState()).toEqual(things)
  })
})

function toOutputs(value: unknown): Record<string, unknown> | undefined {
  const isPlain = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  return isPlain ? (value as Record<string, unknown>) : undefined
}
