import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { finish } from '../../../../platform/store/finish.ts'
import { quota } from '../../../../platform/store/quota.ts'
import { openTestTruth } from '../../../helpers/truth.ts'
import { APPS, app, openStage, type Stage, settled, succeed, urn } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.database.drop())

describe('a reservation', () => {
  it('is refused beyond the limit, names who holds it, and then nothing of it is reserved', async () => {
    const { engine, taken, close, account } = await stage.open(3)
    const truth = engine('a')
    for (const name of ['one', 'two', 'three']) {
      const order = await taken(truth, { workspaceName: name })
      expect(await truth.reserve(order, [app(name)])).toEqual({ ok: true })
      await succeed(truth, order, { status: 'succeeded', resources: [settled(name)] })
    }
    const order = await taken(truth, { workspaceName: 'four' })
    const refused = await truth.reserve(order, [app('other', 1, 'svc.ever'), app('four')])
    expect(refused).toMatchObject({
      ok: false,
      refusal: {
        code: 'lock.over-limit',
        resource: urn('four'),
        meter: APPS,
        unit: 'app',
        limit: 3,
        held: 3,
        asked: 1,
      },
    })
    if (refused.ok) throw new Error('not refused')
    expect(refused.refusal.holders?.map((holder) => holder.workspace).sort()).toEqual(['one', 'three', 'two'])
    expect(refused.refusal.hint).toContain('./pipi destroy one')
    expect((await quota(stage.database.db, account)).find((meter) => meter.meter === 'svc.ever')?.held).toBe(0)
    await close()
  })

  it('shows nobody the workspaces of another account', async () => {
    const { engine, taken, cloudAccount, close } = await stage.open(1)
    const truth = engine('a')
    await truth.reserve(await taken(truth, { workspaceName: 'private-name' }), [app('x')])
    const other = await openTestTruth(stage.database.db, [])
    await stage.database.db.query('insert into pipi.account_clouds values ($1, $2)', [other.account, cloudAccount])
    const order = await other.taken(truth, { cloudAccount })
    const refused = await truth.reserve(order, [app('y')])
    expect(refused).toMatchObject({ ok: false, refusal: { holders: [{ workspace: 'another account', amount: 1 }] } })
    expect(JSON.stringify(refused)).not.toContain('private-name')
    await other.close()
    await close()
  })

  it('counts a URN that the workspace holds already once, and never less before it is settled', async () => {
    const { engine, taken, close } = await stage.open(3)
    const truth = engine('a')
    const first = await taken(truth, { workspaceName: 'grow' })
    await truth.reserve(first, [app('x', 2)])
    await succeed(truth, first, { status: 'succeeded', resources: [settled('x', 2)] })
    const second = await taken(truth, { workspaceName: 'grow' })
    expect(await truth.reserve(second, [app('x', 3)])).toEqual({ ok: true })
    expect(await stage.held()).toBe(3)
    expect(await truth.reserve(second, [app('x', 1)])).toEqual({ ok: true })
    expect(await stage.held()).toBe(3)
    await succeed(truth, second, { status: 'succeeded', resources: [settled('x', 1)] })
    expect(await stage.held()).toBe(1)
    await close()
  })

  it('refuses a meter that no fact states, a watched one without consent, and an unbounded one', async () => {
    const { engine, taken, close } = await stage.open()
    const truth = engine('a')
    const order = await taken(truth)
    const line = (meter: string, bound: 'proven' | 'watched' | 'unbounded') => ({
      urn: urn('x'),
      type: 't',
      amounts: [{ meter, scope: '', amount: 1, bound, because: '' }],
    })
    expect(await truth.reserve(order, [line('svc.nothing', 'proven')])).toMatchObject({
      refusal: { code: 'lock.unknown-type' },
    })
    expect(await truth.reserve(order, [line('svc.requests', 'watched')])).toMatchObject({
      refusal: { code: 'lock.watched' },
    })
    expect(await truth.reserve(order, [line(APPS, 'unbounded')])).toMatchObject({ refusal: { code: 'lock.unbounded' } })
    await close()
  })

  it('gives each region the limit that is stated per region', async () => {
    const { engine, taken, close } = await stage.open()
    const truth = engine('a')
    const order = await taken(truth)
    const disk = (scope: string, amount: number) => ({
      urn: urn(scope),
      type: 't',
      amounts: [{ meter: 'svc.disk', scope, amount, bound: 'proven' as const, because: '' }],
    })
    expect(await truth.reserve(order, [disk('eu-1', 8), disk('us-1', 10)])).toEqual({ ok: true })
    expect(await truth.reserve(order, [disk('eu-1', 11)])).toMatchObject({ ok: false, refusal: { limit: 10 } })
    await close()
  })

  it('that the engine died with stays held until it is known what exists', async () => {
    const { engine, taken, close } = await stage.open(1)
    const truth = engine('a')
    const order = await taken(truth, { workspaceName: 'crashed' })
    await truth.reserve(order, [app('x')])
    await finish(stage.database.db, order.deployment, 'dead')
    expect(await stage.held()).toBe(1)
    const other = await taken(truth)
    expect(await truth.reserve(other, [app('y')])).toMatchObject({ ok: false })
    await close()
  })
})
