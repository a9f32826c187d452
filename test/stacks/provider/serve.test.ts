import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as pulumi from '@pulumi/pulumi'
import { afterEach, describe, expect, it } from 'vitest'
import { type ServedProvider, serveProvider } from '../../../stacks/provider/serve.ts'
import { type AttachedStack, attachedStack } from './attached-stack.ts'
import { type MemoryCloud, memoryCloud } from './memory-cloud.ts'

class Thing extends pulumi.CustomResource {
  declare readonly address: pulumi.Output<string>
  declare readonly login: pulumi.Output<string>
  declare readonly account: pulumi.Output<string>
  constructor(name: string, args: Record<string, unknown>, options?: pulumi.CustomResourceOptions) {
    super('memory:index:Thing', name, { address: undefined, login: undefined, account: undefined, ...args }, options)
  }
}

class MemoryProvider extends pulumi.ProviderResource {
  constructor(name: string, args: Record<string, unknown>) {
    super('memory', name, args)
  }
}

describe('a TypeScript provider on the wire, with the real Pulumi engine', () => {
  let cloud: MemoryCloud
  let served: ServedProvider | undefined
  let attached: AttachedStack | undefined

  async function open(program: pulumi.automation.PulumiFn): Promise<pulumi.automation.Stack> {
    cloud = memoryCloud('memory')
    served = await serveProvider(cloud)
    attached = await attachedStack({ memory: served.address }, program)
    return attached.stack
  }

  async function stateText(): Promise<string> {
    return readFile(join(attached?.folder ?? '', 'state/.pulumi/stacks/wire/test.json'), 'utf8')
  }

  afterEach(async () => {
    await attached?.remove()
    await served?.close()
    attached = undefined
    served = undefined
  })

  it('creates, updates in place, replaces, refreshes and destroys', async () => {
    let args: Record<string, unknown> = { region: 'here', label: 'one' }
    const stack = await open(async () => ({ address: new Thing('a', args).address }))

    const first = await stack.up()
    expect(first.outputs.address?.value).toBe('10.0.0.1')
    expect([...cloud.stored.keys()]).toEqual(['thing-1'])
    expect(cloud.stored.get('thing-1')?.inputs).toEqual({ region: 'here', label: 'one', size: 'small' })

    args = { region: 'here', label: 'two' }
    expect((await stack.up()).summary.resourceChanges).toMatchObject({ update: 1 })
    expect(cloud.stored.get('thing-1')?.outputs.label).toBe('two')

    expect((await stack.up()).summary.resourceChanges).toMatchObject({ same: 2 })

    args = { region: 'there', label: 'two' }
    expect((await stack.up()).summary.resourceChanges).toMatchObject({ replace: 1 })
    expect([...cloud.stored.keys()]).toEqual(['thing-2'])

    cloud.stored.clear()
    expect((await stack.refresh()).summary.resourceChanges).toMatchObject({ delete: 1 })
    await stack.up()
    expect([...cloud.stored.keys()]).toEqual(['thing-3'])

    await stack.destroy()
    expect(cloud.stored.size).toBe(0)
  })

  it('previews with unknown outputs and changes nothing', async () => {
    const stack = await open(async () => {
      const first = new Thing('a', { region: 'here' })
      new Thing('b', { region: first.address })
    })
    const { changeSummary } = await stack.preview()
    expect(changeSummary).toMatchObject({ create: 3 })
    expect(cloud.stored.size).toBe(0)
    expect(cloud.calls).toEqual(['preview create', 'preview create'])
  })

  it('adopts what exists by import, without creating', async () => {
    const stack = await open(async () => {
      new Thing('a', { region: 'here' }, { import: 'thing-9' })
    })
    cloud.stored.set('thing-9', {
      inputs: { region: 'here', size: 'small' },
      outputs: { region: 'here', size: 'small', address: '10.0.0.9' },
    })
    const { summary } = await stack.up()
    expect(summary.resourceChanges).toMatchObject({ import: 1 })
    expect(cloud.calls).not.toContain('create')
  })

  it('keeps the secrets of inputs secret in outputs and in the state', async () => {
    const stack = await open(async () => {
      const thing = new Thing('a', {
        region: 'here',
        password: pulumi.secret('canary-93751'),
        nested: { inner: pulumi.secret('canary-11111') },
      })
      return { login: thing.login }
    })
    const { outputs } = await stack.up()
    expect(cloud.stored.get('thing-1')?.outputs.login).toBe('user:canary-93751@host')
    expect(outputs.login).toEqual({ value: 'user:canary-93751@host', secret: true })
    expect(await stateText()).not.toContain('canary')
    await stack.refresh()
    expect(await stateText()).not.toContain('canary')
  })

  it('keeps the id of a resource that came to be but failed', async () => {
    let size = 'sickly'
    const stack = await open(async () => {
      new Thing('a', { region: 'here', size, password: pulumi.secret('canary-93751') })
    })
    await expect(stack.up()).rejects.toThrow(/answers 500/)
    const state = await stateText()
    expect(state).toContain('"thing-1"')
    expect(state).not.toContain('canary')
    size = 'small'
    await stack.up()
    expect([...cloud.stored.keys()]).toEqual(['thing-1'])
  })

  it('refuses in the words of the provider', async () => {
    let size = 'enormous'
    const stack = await open(async () => {
      new Thing('a', { region: 'here', size, password: pulumi.secret('canary-93751') })
    })
    await expect(stack.up()).rejects.toThrow(/no such size: "enormous"/)
    size = 'refused'
    await expect(stack.up()).rejects.toThrow(/QuotaExceeded: no more of these for \[secret\]/)
    expect(cloud.stored.size).toBe(0)
  })

  it('keeps the configuration of each connection apart', async () => {
    const stack = await open(async () => {
      const one = new MemoryProvider('one', { account: 'account-1' })
      const two = new MemoryProvider('two', { account: pulumi.secret('account-2') })
      return {
        one: new Thing('a', {}, { provider: one }).account,
        two: new Thing('b', {}, { provider: two }).account,
      }
    })
    const { outputs } = await stack.up()
    expect(outputs.one?.value).toBe('account-1')
    expect(outputs.two?.value).toBe('account-2')
    expect(cloud.configured.map((variables) => variables.account).sort()).toEqual(['account-1', 'account-2'])
  })

  it('says so when the provider refuses its configuration', async () => {
    const stack = await open(async () => {
      new Thing('a', {}, { provider: new MemoryProvider('one', { token: 'wrong' }) })
    })
    await expect(stack.up()).rejects.toThrow(/InvalidToken/)
  })

  it('answers data sources', async () => {
    const stack = await open(async () => ({
      answer: pulumi.output(pulumi.runtime.invoke('memory:index:getThing', { name: 'x' })),
    }))
    const { outputs } = await stack.up()
    expect(outputs.answer?.value).toEqual({ token: 'memory:index:getThing', name: 'x' })
  })
})
