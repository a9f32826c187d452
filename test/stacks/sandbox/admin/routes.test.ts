import { describe, expect, it } from 'vitest'
import { archive, MACHINE, SITE, useSandbox } from '../use-sandbox.ts'

const sandbox = useSandbox()

describe('the admin API', () => {
  it('answers nobody without the token, and says what is wrong with a request', async () => {
    expect((await fetch(`${sandbox.process.ready.admin}/inventory`)).status).toBe(401)
    await expect(sandbox.process.admin('POST', '/fault', { kind: 'boredom' })).rejects.toThrow(/input.invalid/)
    await expect(sandbox.process.admin('POST', '/clock', { forward: 'soon' })).rejects.toThrow(/10d/)
    await expect(sandbox.process.admin('GET', '/nothing')).rejects.toThrow(/not-found/)
  })

  it("shows drift to a later read, and a delete behind everybody's back", async () => {
    const { id } = await sandbox.cloud.create(MACHINE, 'a', { name: 'web', size: 'small' })
    await sandbox.process.admin('POST', '/drift', { type: MACHINE, id, set: { size: 'enormous' } })
    const read = await sandbox.cloud.read(MACHINE, id)
    expect(read.inputs.size).toBe('enormous')
    expect(read.outputs.size).toBe('enormous')
    await sandbox.process.admin('POST', '/drift', { id, delete: true })
    expect((await sandbox.cloud.read(MACHINE, id)).id).toBe('')
    await expect(sandbox.process.admin('POST', '/drift', { type: MACHINE, id, delete: true })).rejects.toThrow(
      /not-found/,
    )
    expect(await sandbox.inventory()).toEqual([])
    expect(await sandbox.inventory('?deleted=true')).toHaveLength(1)
  })
})

describe('the witness', () => {
  it('bills from the inventory, month by month, by its own clock', async () => {
    const { id } = await sandbox.cloud.create(MACHINE, 'a', { name: 'web' })
    expect(await sandbox.process.admin('GET', '/bill')).toMatchObject({ currency: 'USD', total: 1 })
    const { offsetMs } = await sandbox.process.admin<{ offsetMs: number }>('POST', '/clock', { forward: '62d' })
    expect(offsetMs).toBe(62 * 86_400_000)
    const later = await sandbox.process.admin<{ total: number; accounts: { months: unknown[] }[] }>('GET', '/bill')
    expect(later.total).toBe(later.accounts[0]?.months.length)
    expect(later.total).toBeGreaterThanOrEqual(3)
    await sandbox.reopen()
    expect(await sandbox.process.admin('GET', '/clock')).toMatchObject({ offsetMs })
    await sandbox.cloud.delete(MACHINE, id)
    await sandbox.process.admin('POST', '/clock', { forward: '62d' })
    expect(await sandbox.process.admin('GET', '/bill')).toMatchObject({ total: later.total })
    expect(await sandbox.process.admin('GET', '/bill?account=nobody')).toMatchObject({
      total: 0,
      accounts: [],
      lines: [],
    })
  })

  it('sends its own seeded visitors: a few real requests, the rest by figures', async () => {
    const zip = await archive({ 'public/index.html': '0123456789' })
    await sandbox.cloud.create(SITE, 'a', { zip })
    const asked = { seed: 'x', requests: 5, monthly: 1_000 }
    const { visits } = await sandbox.process.admin<{
      visits: { requests: number; answered: number; simulated: number }[]
    }>('POST', '/visitors', asked)
    const [seen] = visits
    expect(seen?.requests).toBeGreaterThanOrEqual(1)
    expect(seen?.answered).toBe(seen?.requests)
    const total = (seen?.requests ?? 0) + (seen?.simulated ?? 0)
    expect(total).toBeGreaterThanOrEqual(500)
    expect(total).toBeLessThanOrEqual(1_000)
    const [usage] = Object.values((await sandbox.inventory())[0]?.usage ?? {})
    expect(usage).toMatchObject({ requests: total, egressBytes: total * 10 })
    const { total: billed } = await sandbox.process.admin<{ total: number }>('GET', '/bill')
    expect(billed).toBeCloseTo((total - 100) * 0.001, 6)
  })
})
