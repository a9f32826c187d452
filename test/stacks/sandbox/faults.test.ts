import { describe, expect, it } from 'vitest'
import { waitFor } from '../../helpers/wait-for.ts'
import { MACHINE, SITE, useSandbox } from './use-sandbox.ts'

const sandbox = useSandbox()

describe('faults', () => {
  it('strike before the effect, after it, or not at all', async () => {
    await sandbox.process.admin('POST', '/fault', { kind: 'error', moment: 'before', type: MACHINE })
    await expect(sandbox.cloud.create(MACHINE, 'a', { name: 'one' })).rejects.toThrow(/InternalError/)
    expect(await sandbox.inventory()).toHaveLength(0)
    await sandbox.process.admin('POST', '/fault', { kind: 'error', moment: 'after', message: 'created but 500' })
    await expect(sandbox.cloud.create(MACHINE, 'a', { name: 'one' })).rejects.toThrow(/created but 500/)
    expect(await sandbox.inventory()).toHaveLength(1)
    await sandbox.process.admin('POST', '/fault', { kind: 'throttle', type: SITE })
    await sandbox.cloud.create(MACHINE, 'b', { name: 'two' })
    await sandbox.process.admin('DELETE', '/fault')
    expect(await sandbox.process.admin('GET', '/fault')).toEqual({ faults: [] })
  })

  it('delay the answer of a create whose resource exists already', async () => {
    await sandbox.process.admin('POST', '/fault', { kind: 'latency', moment: 'after', ms: 60_000 })
    const answer = sandbox.cloud.create(MACHINE, 'a', { name: 'one' })
    answer.catch(() => undefined)
    await waitFor('the machine in the inventory', async () => (await sandbox.inventory()).length === 1)
    expect((await sandbox.calls())[0]?.outcome).toBe('begun')
  })

  it('let a resource appear after the caller was told otherwise', async () => {
    await sandbox.process.admin('POST', '/fault', { kind: 'late', ms: 200 })
    await expect(sandbox.cloud.create(MACHINE, 'a', { name: 'one' })).rejects.toThrow(/reset by peer/)
    await waitFor('the late machine', async () => (await sandbox.inventory()).length === 1)
    await waitFor('the late record', async () => (await sandbox.calls())[0]?.outcome === 'late')
  })

  it('let it appear also when the sandbox was restarted meanwhile', async () => {
    await sandbox.process.admin('POST', '/fault', { kind: 'late', ms: 1_500 })
    await expect(sandbox.cloud.create(MACHINE, 'a', { name: 'one' })).rejects.toThrow(/reset by peer/)
    await sandbox.reopen()
    await waitFor('the late machine', async () => (await sandbox.inventory()).length === 1)
    await expect(sandbox.process.admin('POST', '/fault', { kind: 'late', operation: 'delete' })).rejects.toThrow(
      /create/,
    )
  })

  it('hang until the run is cancelled, and concern that connection only', async () => {
    await sandbox.process.admin('POST', '/fault', { kind: 'hang', operation: 'create' })
    const hanging = sandbox.cloud.create(MACHINE, 'a', { name: 'one' })
    hanging.catch(() => undefined)
    await waitFor('the call to have begun', async () => (await sandbox.calls()).length === 1)
    const other = await sandbox.connect()
    await other.cancel()
    expect((await sandbox.calls())[0]?.outcome).toBe('begun')
    await sandbox.cloud.cancel()
    await expect(hanging).rejects.toThrow(/closed before an answer/)
    await expect(sandbox.cloud.create(MACHINE, 'b', { name: 'two' })).rejects.toThrow(/cancelled/)
    await expect(other.create(MACHINE, 'b', { name: 'two' })).rejects.toThrow(/cancelled/)
    expect(await sandbox.inventory()).toEqual([])
  })
})
