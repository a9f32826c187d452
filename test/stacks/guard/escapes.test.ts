import * as pulumi from '@pulumi/pulumi'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PipiError } from '../../../catalog/errors.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { type GuardedStack, guardedStack, type RunOptions, Thing } from '../driver/guarded-stack.ts'

const ignore = (_: unknown) => undefined
const live = () => new Thing('a', { name: 'a' })
/** What a program does only when it is for real, as one that changed after its plan does. */
const onlyForReal = (act: () => void) => {
  if (!pulumi.runtime.isDryRun()) act()
}

class Nest extends pulumi.ComponentResource {
  constructor(name: string, hatch: (options: pulumi.CustomResourceOptions) => void) {
    super('nest:index:Nest', name)
    hatch({ parent: this })
    this.registerOutputs({})
  }
}

class Remote extends pulumi.ComponentResource {
  constructor(name: string, inputs: Record<string, unknown>) {
    super('cloudy:index:Remote', name, inputs, {}, true)
  }
}

class Other extends pulumi.ProviderResource {
  constructor(name: string, inputs: Record<string, unknown>, options?: pulumi.ResourceOptions) {
    super('cloudy', name, inputs, options)
  }
}

/** One thing runs already, so that every call a test sees is one that the escape made. */
describe('no way around the guard:', () => {
  let stack: GuardedStack
  beforeEach(async () => {
    stack = await guardedStack(await tempFolder())
    expect(await run(() => void live())).toMatchObject({ ok: true, calls: ['create'] })
    stack.journal.length = 0
  })
  afterEach(() => stack.close())

  const run = (program: () => void, options: RunOptions = {}) => stack.run('up', async () => ignore(program()), options)
  const things = () => [...stack.cloud.stored.keys()].sort()

  /** Refused before the provider was called, and before anything was written down as begun; what runs still runs. */
  async function isRefused(program: () => void, code: string, options: RunOptions = {}): Promise<void> {
    const result = await run(program, options)
    expect(result.ok).toBe(false)
    expect(result.refusals[0]).toMatchObject({ code })
    expect(result.calls).toEqual([])
    expect(stack.journal).toEqual([])
    expect(things()).toEqual(['thing-1'])
    expect((await stack.state()).resources.filter((each) => each.id?.startsWith('thing-'))).toHaveLength(1)
  }

  it('a resource made inside an apply', () =>
    isRefused(() => {
      live().address.apply(() => new Thing('sneaked', { name: 's' }))
    }, 'guard.not-granted'))

  it('a resource made by a component, when it is for real only', () =>
    isRefused(() => {
      live()
      new Nest('nest', (options) => onlyForReal(() => void new Thing('egg', { name: 'e' }, options)))
    }, 'guard.not-granted'))

  it('while what a component makes in plain sight is planned and made', async () => {
    const result = await run(() => {
      live()
      new Nest('nest', (options) => void new Thing('egg', { name: 'e' }, options))
    })
    expect(result).toMatchObject({ ok: true, calls: ['create'] })
  })

  it('a component that the provider itself would make', () =>
    isRefused(() => {
      live()
      new Remote('far', { name: 'far' })
    }, 'guard.not-granted'))

  it('an explicit provider', () =>
    isRefused(() => {
      live()
      const provider = new Other('mine', { token: 'mine', account: 'elsewhere' })
      onlyForReal(() => void new Thing('sneaked', { name: 's' }, { provider }))
    }, 'guard.not-granted'))

  it('which has the credentials and the account that we gave, whatever it asks for', async () => {
    const result = await run(() => {
      live()
      const provider = new Other('mine', { token: 'mine', account: 'elsewhere' })
      new Thing('b', { name: 'b' }, { provider })
    })
    expect(result).toMatchObject({ ok: true, calls: ['create'] })
    expect(stack.journal).toContain('begin create b')
    for (const configured of stack.cloud.configured)
      expect(configured).toMatchObject({ token: 'canary-credential', account: 'acct' })
  })

  it('another version of the provider, or one from elsewhere', async () => {
    const elsewhere = { version: '9.9.9', pluginDownloadURL: 'https://elsewhere.invalid' }
    await isRefused(() => {
      live()
      onlyForReal(() => void new Thing('sneaked', { name: 's' }, elsewhere))
    }, 'guard.not-granted')
    const result = await run(() => {
      live()
      new Thing('b', { name: 'b' }, elsewhere)
    })
    // It met the one behind the guard.
    expect(result).toMatchObject({ ok: true, calls: ['create'] })
    expect(stack.journal).toEqual(['begin create b', 'end done thing-2'])
  })

  it('an explicit provider of another version', async () => {
    const result = await run(() => {
      live()
      const provider = new Other('mine', {}, {
        version: '9.9.9',
        pluginDownloadURL: 'https://elsewhere.invalid',
      } as never)
      new Thing('b', { name: 'b' }, { provider })
    })
    expect(result).toMatchObject({ ok: true, calls: ['create'] })
    expect(stack.journal).toEqual(['begin create b', 'end done thing-2'])
  })

  it('the import of what another stack owns', () =>
    isRefused(() => {
      live()
      new Thing('theirs', { name: 'x' }, { import: 'thing-9' })
    }, 'guard.not-ours'))

  it('the import of what another stack owns in the place of what is ours', () =>
    isRefused(() => {
      new Thing('a', { name: 'a' }, { import: 'thing-9' })
    }, 'guard.not-ours'))

  it('a look at what another stack owns (.get)', async () => {
    const program = async () => {
      live()
      new Thing('theirs', {}, { id: 'thing-9' })
      return {}
    }
    await expect(stack.run('up', program)).rejects.toThrow(/not in this workspace's stack/)
    expect(stack.cloud.calls).toEqual(['create'])
    await isRefused(() => {
      live()
      onlyForReal(() => void new Thing('theirs', {}, { id: 'thing-9' }))
    }, 'guard.not-ours')
  })

  it('a data source, which some providers answer by doing something', () =>
    isRefused(() => {
      live().address.apply(() => pulumi.runtime.invoke('cloudy:index/getAll:getAll', {}))
    }, 'guard.not-granted'))

  it('an alias, under which what runs would be changed or replaced as something that was to be made', async () => {
    const alias = { aliases: [{ name: 'a' }] }
    await isRefused(() => void new Thing('b', { name: 'a', count: 1, note: 'changed' }, alias), 'guard.not-granted')
    await isRefused(() => void new Thing('b', { name: 'a', region: 'us' }, alias), 'guard.not-granted')
  })

  it('while an alias alone is another name for what runs, and nothing is done', async () => {
    const result = await run(() => void new Thing('b', { name: 'a' }, { aliases: [{ name: 'a' }] }))
    expect(result).toMatchObject({ ok: true, calls: [] })
    expect(things()).toEqual(['thing-1'])
  })

  it('an update that grows beyond the grant', () =>
    isRefused(() => void new Thing('a', { name: 'a', count: 3 }), 'guard.not-granted', {
      planned: async () => void live(),
    }))

  it('a replacement that grows beyond the grant: the verdict comes before the delete', async () => {
    const grown = () => void new Thing('a', { name: 'a', region: 'us', count: 5 })
    const planned = { planned: async () => void new Thing('a', { name: 'a', region: 'us' }) }
    await isRefused(grown, 'guard.not-granted', planned)
    const renamed = () => void new Thing('a', { name: 'other', region: 'us', count: 5 })
    const other = { planned: async () => void new Thing('a', { name: 'other', region: 'us' }) }
    // Side by side as well: the old one is where it was, and the new one was never made.
    await isRefused(renamed, 'guard.not-granted', other)
  })

  it('a program that changed after the plan and makes more', () =>
    isRefused(
      () => {
        live()
        new Thing('more', { name: 'm' })
      },
      'guard.not-granted',
      { planned: async () => void live() },
    ))

  it('a program that changed after the plan and forgot what runs', () =>
    isRefused(() => undefined, 'guard.delete-not-planned', { planned: async () => void live() }))

  it('a replacement that only the program asks for (replaceOnChanges, deleteBeforeReplace)', async () => {
    const result = await run(
      () =>
        void new Thing(
          'a',
          { name: 'a', note: 'changed' },
          { replaceOnChanges: ['*'], deleteBeforeReplace: true, customTimeouts: { create: '9h' } },
        ),
    )
    expect(result).toMatchObject({ ok: true, calls: ['update'] })
    expect(things()).toEqual(['thing-1'])
  })

  it('retainOnDelete: what is destroyed is really deleted', async () => {
    await run(() => void new Thing('a', { name: 'a' }, { retainOnDelete: true }))
    const result = await stack.run('destroy', async () => ({}))
    expect(result).toMatchObject({ ok: true, calls: ['delete'] })
    expect(things()).toEqual([])
  })

  it('deletedWith: nothing is taken for gone because something else is', async () => {
    const both = () => {
      const a = live()
      new Thing('b', { name: 'b' }, { deletedWith: a })
    }
    expect((await run(both)).ok).toBe(true)
    const result = await stack.run('destroy', async () => ({}))
    expect(result).toMatchObject({ ok: true, calls: ['delete', 'delete'] })
    expect(things()).toEqual([])
  })

  it('a lease that is lost in the middle', async () => {
    let begun = 0
    const intents = {
      begin: async () => {
        begun += 1
        if (begun > 1) throw new PipiError('lease.lost', 'token 1 is stale')
        return 'first'
      },
    }
    const result = await run(
      () => {
        const b = new Thing('b', { name: 'b' })
        const c = new Thing('c', { name: 'c', peer: b.address })
        new Thing('d', { name: 'd', peer: c.address })
      },
      { intents },
    )
    expect(result.ok).toBe(false)
    expect(result.refusals[0]).toMatchObject({ code: 'lease.lost' })
    expect(result.calls).toEqual(['create'])
    expect(things()).toEqual(['thing-1', 'thing-2'])
  })

  it('a kill switch that falls in the middle', async () => {
    const intents = {
      begin: async () => {
        throw new PipiError('lock.stopped', 'the switch of this cloud account is "stopped"')
      },
    }
    await isRefused(
      () => {
        live()
        new Thing('b', { name: 'b' })
      },
      'lock.stopped',
      { intents },
    )
  })
})
