import { describe, expect, it } from 'vitest'
import { Secret, UNKNOWN } from '../../../../stacks/wire/values.ts'
import { MACHINE, useSandbox } from '../use-sandbox.ts'

const sandbox = useSandbox()

describe('the inventory', () => {
  it('holds what was created, and gives it back after a restart under the same addresses', async () => {
    const made = await sandbox.cloud.create(MACHINE, 'a', { name: 'web', region: 'here', size: 'small' })
    expect(made.id).toMatch(/^m-[0-9a-f]{8}$/)
    expect(made.outputs.arn).toBe(`arn:acct-1:here:${made.id}`)
    const before = sandbox.process.ready
    await sandbox.reopen()
    expect(sandbox.process.ready).toEqual(before)
    const read = await sandbox.cloud.read(MACHINE, made.id)
    expect(read).toEqual({ id: made.id, inputs: { name: 'web', region: 'here', size: 'small' }, outputs: made.outputs })
    const second = await sandbox.cloud.create(MACHINE, 'b', { name: 'other' })
    expect(second.id).not.toBe(made.id)
  })

  it('checks inputs in the words of the cloud, fills in defaults, and says nothing of what is not known yet', async () => {
    expect(await sandbox.cloud.check(MACHINE, 'a', { region: 'nowhere' })).toEqual({
      inputs: { region: 'nowhere', size: 'small' },
      failures: ['region: region "nowhere" does not exist'],
    })
    const unknown = await sandbox.cloud.check(MACHINE, 'a', { region: UNKNOWN, secret: new Secret('s3cret-value') })
    expect(unknown).toEqual({
      inputs: { region: UNKNOWN, size: 'small', secret: new Secret('s3cret-value') },
      failures: [],
    })
  })

  it('replaces on what the type says, also deep inside', async () => {
    const old = { region: 'here', label: 'x', disk: { kind: 'ssd', gb: 1 } }
    expect(await sandbox.cloud.diff(MACHINE, 'm', old, { ...old, label: 'y' })).toEqual({ changes: true, replaces: [] })
    expect(await sandbox.cloud.diff(MACHINE, 'm', old, { ...old, region: 'there' })).toEqual({
      changes: true,
      replaces: ['region'],
    })
    const disk = { kind: 'hdd', gb: 1 }
    expect(await sandbox.cloud.diff(MACHINE, 'm', old, { ...old, disk })).toEqual({
      changes: true,
      replaces: ['disk.kind'],
    })
    expect(await sandbox.cloud.diff(MACHINE, 'm', old, { ...old })).toEqual({ changes: false, replaces: [] })
  })

  it('refuses an unknown type and a name that is taken, also when two creates race', async () => {
    await expect(sandbox.cloud.create('cloudy:index:Ghost', 'a', {})).rejects.toThrow(
      /unknown resource type "cloudy:index:Ghost"/,
    )
    await expect(sandbox.cloud.create('cloudy:index:constructor', 'a', {})).rejects.toThrow(/unknown resource type/)
    const racing = Array.from({ length: 5 }, (_, index) => sandbox.cloud.create(MACHINE, `m${index}`, { name: 'web' }))
    const settled = await Promise.allSettled(racing)
    expect(settled.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
    const refused = settled.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []))
    expect(refused).toHaveLength(4)
    for (const reason of refused) expect(reason).toContain('NameInUse: web')
    expect(await sandbox.inventory()).toHaveLength(1)
  })

  it('keeps cloud accounts apart', async () => {
    const other = await sandbox.connect({ account: 'acct-2' })
    const made = await sandbox.cloud.create(MACHINE, 'a', { name: 'web' })
    await other.create(MACHINE, 'a', { name: 'web' })
    expect((await other.read(MACHINE, made.id)).id).toBe('')
    await expect(other.update(MACHINE, made.id, {}, {})).rejects.toThrow(/NotFound/)
    await other.delete(MACHINE, made.id)
    expect((await sandbox.cloud.read(MACHINE, made.id)).id).toBe(made.id)
    expect(await sandbox.inventory('?account=acct-2')).toHaveLength(1)
    expect(await sandbox.inventory('?cloud=xyz')).toHaveLength(0)
  })

  it('refuses credentials that are no good', async () => {
    await expect(sandbox.connect({ token: 'wrong' })).rejects.toThrow(/InvalidToken/)
  })

  it('never shows a secret, but remembers that it is one', async () => {
    const made = await sandbox.cloud.create(MACHINE, 'a', {
      name: 'web',
      password: new Secret('canary-31337'),
      note: 'x',
    })
    expect(made.outputs.password).toEqual(new Secret('canary-31337'))
    expect(JSON.stringify(await sandbox.inventory())).not.toContain('canary')
    expect((await sandbox.inventory())[0]?.inputs.password).toBe('[secret]')
    expect((await sandbox.cloud.read(MACHINE, made.id)).inputs.password).toEqual(new Secret('canary-31337'))
  })

  it('answers data sources and the HTTP API for look-ups', async () => {
    const made = await sandbox.cloud.create(MACHINE, 'a', { name: 'web' })
    expect(await sandbox.cloud.invoke('cloudy:index:getMachine', { name: 'web' })).toEqual({ id: made.id })
    const response = await fetch(`${sandbox.process.ready.api}/api/cld/machines`)
    expect(await response.json()).toEqual({ machines: [made.id] })
    expect((await fetch(`${sandbox.process.ready.api}/api/cld/other`)).status).toBe(404)
    expect((await fetch(`${sandbox.process.ready.api}/api/xyz/machines`)).status).toBe(404)
    expect((await fetch(`${sandbox.process.ready.api}/api/cld/machines`, { method: 'DELETE' })).status).toBe(405)
  })

  it('logs every call with its outcome', async () => {
    const { id } = await sandbox.cloud.create(MACHINE, 'a', { name: 'web' })
    await sandbox.cloud.create(MACHINE, 'b', { name: 'web' }).catch(() => undefined)
    await sandbox.cloud.delete(MACHINE, id)
    expect((await sandbox.calls()).map(({ operation, outcome, id: of }) => [operation, outcome, of])).toEqual([
      ['create', 'done', id],
      ['create', 'failed', null],
      ['delete', 'done', id],
    ])
  })

  it('logs under whose lease a call was made, where the caller says so', async () => {
    const old = await sandbox.connect({}, { 'pipi-token': '7' })
    await old.create(MACHINE, 'a', { name: 'web' })
    expect((await sandbox.calls()).map((call) => call.token)).toEqual(['7'])
  })
})
