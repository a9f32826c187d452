import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as pulumi from '@pulumi/pulumi'
import { afterEach, describe, expect, it } from 'vitest'
import { processesOf } from '../../helpers/leaks.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { type AttachedStack, attachedStack } from '../provider/attached-stack.ts'
import { archive, MACHINE, SITE, useSandbox } from './use-sandbox.ts'

class Resource extends pulumi.CustomResource {
  declare readonly url: pulumi.Output<string>
  declare readonly arn: pulumi.Output<string>
  constructor(type: string, name: string, args: Record<string, unknown>, options?: pulumi.CustomResourceOptions) {
    super(type, name, { url: undefined, arn: undefined, ...args }, options)
  }
}

const sandbox = useSandbox()

describe('a simulated cloud behind the real Pulumi engine', () => {
  let attached: AttachedStack | undefined

  async function open(program: pulumi.automation.PulumiFn): Promise<pulumi.automation.Stack> {
    attached = await attachedStack({ cloudy: sandbox.address }, program)
    return attached.stack
  }
  afterEach(async () => {
    await attached?.remove()
    attached = undefined
  })

  it('creates, sees drift by refresh, repairs it, replaces, and destroys all', async () => {
    const zip = (await archive({ 'public/index.html': 'hello' })).path ?? ''
    let region = 'here'
    const stack = await open(async () => {
      const machine = new Resource(
        MACHINE,
        'machine',
        { name: 'web', region, password: pulumi.secret('canary-4711') },
        { deleteBeforeReplace: true },
      )
      const site = new Resource(SITE, 'site', { zip: new pulumi.asset.FileArchive(zip), of: machine.arn })
      return { url: site.url }
    })
    expect((await stack.preview()).changeSummary).toMatchObject({ create: 3 })
    expect(await sandbox.inventory()).toEqual([])

    const { outputs } = await stack.up()
    expect(await (await fetch(String(outputs.url?.value))).text()).toBe('hello')
    expect((await stack.up()).summary.resourceChanges).toEqual({ same: 3 })

    const [machine] = await sandbox.inventory()
    await sandbox.process.admin('POST', '/drift', { id: machine?.id, set: { size: 'enormous' } })
    expect((await stack.refresh()).summary.resourceChanges).toMatchObject({ update: 1 })
    expect((await stack.up()).summary.resourceChanges).toMatchObject({ update: 1 })
    expect((await sandbox.inventory())[0]?.outputs.size).toBe('small')

    region = 'there'
    expect((await stack.up()).summary.resourceChanges).toMatchObject({ replace: 1 })
    expect(await sandbox.inventory()).toHaveLength(2)

    region = 'nowhere'
    await expect(stack.up()).rejects.toThrow(/region "nowhere" does not exist/)

    const state = await readFile(join(attached?.folder ?? '', 'state/.pulumi/stacks/wire/test.json'), 'utf8')
    expect(state).not.toContain('canary')
    await stack.destroy()
    expect(await sandbox.inventory()).toEqual([])
  })

  it('notices what was deleted behind its back, and makes it again', async () => {
    const stack = await open(async () => {
      new Resource(MACHINE, 'machine', { name: 'web' })
    })
    await stack.up()
    const [before] = await sandbox.inventory()
    await sandbox.process.admin('POST', '/drift', { id: before?.id, delete: true })
    await stack.refresh()
    await stack.up()
    const after = await sandbox.inventory()
    expect(after).toHaveLength(1)
    expect(after[0]?.id).not.toBe(before?.id)
  })

  it('adopts by import what a killed run left behind, once', async () => {
    let adopt: string | undefined
    const stack = await open(async () => {
      new Resource(MACHINE, 'machine', { name: 'web' }, adopt === undefined ? {} : { import: adopt })
    })
    await sandbox.process.admin('POST', '/fault', { kind: 'latency', moment: 'after', ms: 600_000 })
    const running = stack.up()
    running.catch(() => undefined)
    const [left] = await waitFor('the machine', async () => {
      const found = await sandbox.inventory()
      return found.length === 1 ? found : undefined
    })
    // What `kill -9` of the CLI leaves behind is a lock and a pending create: both are cleared by `cancel`.
    for (const { pid } of processesOf(attached?.folder ?? '')) process.kill(pid, 'SIGKILL')
    await expect(running).rejects.toThrow()
    await stack.cancel()
    adopt = left?.id
    expect((await stack.up()).summary.resourceChanges).toMatchObject({ import: 1 })
    expect((await sandbox.inventory()).map((one) => one.id)).toEqual([adopt])
    adopt = undefined
    expect((await stack.up()).summary.resourceChanges).toEqual({ same: 2 })
  })

  it('makes nothing twice under one name, though the first answer was an error', async () => {
    const stack = await open(async () => {
      new Resource(MACHINE, 'machine', { name: 'web' })
    })
    await sandbox.process.admin('POST', '/fault', { kind: 'error', moment: 'after' })
    await expect(stack.up()).rejects.toThrow(/InternalError/)
    await expect(stack.up()).rejects.toThrow(/NameInUse/)
    expect(await sandbox.inventory()).toHaveLength(1)
  })
})
