import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { healthRequests, manifestSchema } from '../../../engines/contract/manifest.ts'
import type { EngineTruth } from '../../../factory/contract/truth.ts'
import { watchHealth } from '../../../platform/commander/watch-health.ts'
import { healthOf } from '../../../platform/store/health.ts'
import { journalAfter } from '../../../platform/store/journal-after.ts'
import { type TestDatabase, testDatabase } from '../../helpers/postgres.ts'
import { openTestTruth, type TestTruth } from '../../helpers/truth.ts'

describe('what runs is looked at', () => {
  let database: TestDatabase
  let world: TestTruth
  let truth: EngineTruth
  let server: Server
  let url: string
  let well = true
  const asked: string[] = []
  beforeAll(async () => {
    database = await testDatabase()
    world = await openTestTruth(database.db, [])
    truth = world.engine('a')
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      // A program that knows no HEAD.
      response.writeHead(request.method === 'HEAD' ? 405 : well ? 200 : 503).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/app/`
  })
  afterAll(async () => {
    server.close()
    await world.close()
    await database.drop()
  })

  async function deployed(name: string, upkeep: object = {}): Promise<string> {
    const manifest = manifestSchema.parse({
      ...{ apiVersion: 'pipi/v1', name, upkeep },
      components: [
        { name: 'api', kind: 'service', health: '/ready' },
        { name: 'call', kind: 'function' },
      ],
    })
    const order = await world.taken(truth, { workspaceName: name, manifest })
    for (const status of ['planning', 'reserving', 'applying'] as const) await truth.advance(order, status)
    await truth.settle(order, {
      status: 'succeeded',
      resources: [{ urn: `u-${name}`, type: 't', id: name, amounts: [] }],
      outputs: { api: { url }, call: { url } },
    })
    return order.workspace.id
  }
  const look = async (defaults = { aws: 60_000 }) => {
    await watchHealth(database.db, () => undefined, defaults, new AbortController().signal)
    await database.db.query('update pipi.health set due_at = now()')
    await watchHealth(database.db, () => undefined, defaults, new AbortController().signal)
  }
  const state = async (workspace: string) => (await healthOf(database.db, workspace)).map(({ healthy }) => healthy)
  const told = async () =>
    (await journalAfter(database.db, { account: world.account, after: 0 }))
      .filter(({ event }) => /healthy$/.test(event))
      .map(({ event, data }) => `${event} ${(data as { detail: string }).detail}`)

  it('by its own path, and is told when it turns, not at the first doubt and not twice', async () => {
    const id = await deployed('watched')
    await look()
    expect(await healthOf(database.db, id)).toMatchObject([
      { component: 'api', url: `${url}ready`, healthy: true, detail: 'it answered 200', checked: expect.any(String) },
    ])
    expect(asked).toContain('GET /app/ready')
    well = false
    await look()
    expect(await state(id)).toEqual([true])
    await look()
    expect(await state(id)).toEqual([false])
    await look()
    well = true
    await look()
    expect(await state(id)).toEqual([true])
    expect(await told()).toEqual(['workspace.unhealthy it answered 503', 'workspace.healthy it answered 200'])
  })

  it('at most as often as it is due, by one of all who look', async () => {
    await look()
    const before = asked.length
    const once = () => watchHealth(database.db, () => undefined, { aws: 60_000 }, new AbortController().signal)
    await Promise.all([once(), once()])
    expect(asked.length).toBe(before)
    await database.db.query('update pipi.health set due_at = now()')
    await Promise.all([once(), once(), once()])
    // Each look is a HEAD, and a GET where that is not known.
    expect(asked.length).toBe(before + 2)
  })

  it('not where use is metered, unless its manifest says so, and then it counts as use', async () => {
    const [silent, wanted, off] = [
      await deployed('silent'),
      await deployed('wanted', { health: '15m' }),
      await deployed('off', { health: 'off' }),
    ]
    await look({} as { aws: number })
    expect([await state(silent), await state(wanted), await state(off)]).toEqual([[], [true], []])
    await look()
    expect([await state(silent), await state(off)]).toEqual([[true], []])
    const [api, call] = manifestSchema.parse({
      ...{ apiVersion: 'pipi/v1', name: 'x1' },
      components: [
        { name: 'api', kind: 'service' },
        { name: 'call', kind: 'function' },
      ],
    }).components
    expect(api && healthRequests(api, '15m')).toBe(31 * 24 * 4)
    expect(api && healthRequests(api, 'off')).toBe(0)
    expect(call && healthRequests(call, '15m')).toBe(0)
  })

  it('not while something is done with it, and no more once it is gone', async () => {
    const id = await deployed('busy')
    await look()
    const waiting = await world.assigned({ workspaceName: 'busy' })
    const before = asked.length
    await database.db.query(
      `update pipi.health set due_at = case when workspace = $1 then now() else now() + interval '1 hour' end`,
      [id],
    )
    await watchHealth(database.db, () => undefined, { aws: 60_000 }, new AbortController().signal)
    expect(asked.length).toBe(before)
    await database.db.query(`update pipi.deployments set status = 'cancelled' where id = $1`, [waiting.id])
    await database.db.query('update pipi.workspaces set live = false where id = $1', [id])
    await look()
    expect(await state(id)).toEqual([])
  })
})
