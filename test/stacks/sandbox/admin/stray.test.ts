import { describe, expect, it } from 'vitest'
import { MACHINE, SITE, useSandbox } from '../use-sandbox.ts'

const sandbox = useSandbox()
const plant = (asked: Record<string, unknown>) =>
  sandbox.process.admin<{ id: string }>('POST', '/stray', { engine: 'cld', type: MACHINE, ...asked })

describe('something made behind everybody’s back', () => {
  it('stands there as if made by hand, is billed, and belongs to nobody of ours', async () => {
    const { id } = await plant({ set: { 'disk.kind': 'fast', size: 'large' } })
    const [found] = await sandbox.inventory()
    expect(found).toMatchObject({ id, inputs: { name: 'by-hand', size: 'large', disk: { kind: 'fast' } } })
    expect(found?.inputs.tags).toBeUndefined()
    expect(await sandbox.process.admin('GET', '/bill')).toMatchObject({ total: 1 })
    expect((await sandbox.calls()).map((call) => [call.operation, call.outcome])).toEqual([['stray', 'done']])
  })

  it('carries a workspace’s tag where it is to be an orphan', async () => {
    await plant({ owner: 'w-17' })
    expect((await sandbox.inventory())[0]?.inputs.tags).toMatchObject({ 'pipi-workspace': 'w-17' })
    await expect(plant({ type: SITE, owner: 'w-17' })).rejects.toThrow(/carries no tags/)
  })

  it('is refused in the cloud’s own words, and where there is no such type or cloud', async () => {
    await expect(plant({ set: { region: 'mars' } })).rejects.toThrow(/does not exist/)
    await plant({})
    await expect(plant({})).rejects.toThrow(/NameInUse: by-hand/)
    await expect(plant({ type: 'cloudy:index:Unicorn' })).rejects.toThrow(/cloudy:index:Machine/)
    await expect(plant({ engine: 'xyz' })).rejects.toThrow(/not-found/)
  })
})
