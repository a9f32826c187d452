import { describe, expect, it } from 'vitest'
import { keepClaim, waitForClaim } from '../../../platform/store/claims.ts'
import { journalAfter } from '../../../platform/store/journal-after.ts'
import { openWatches } from '../../../platform/store/watches.ts'
import { useApi } from './stage.ts'

const use = useApi()
const ask = (method: 'GET' | 'POST', url: string, payload?: object) =>
  use.api.inject({ method, url, headers: use.as('owner'), ...(payload ? { payload } : {}) })

describe('the switch of a cloud account', () => {
  it('is turned and turned back by its owner, who is in the journal with the reason', async () => {
    const turned = await ask('POST', '/v1/cloud-accounts/abc/switch', { to: 'stopped', why: 'a strange bill' })
    expect(turned.json()).toMatchObject({ switch: 'stopped', switchWhy: 'a strange bill' })
    expect((await ask('POST', '/v1/cloud-accounts/abc/switch', { to: 'open' })).json()).toMatchObject({
      switch: 'open',
    })
    const told = await journalAfter(use.database.db, { account: use.stage.account, after: 0 })
    expect(told.filter(({ event }) => event.startsWith('switch.'))).toMatchObject([
      { event: 'switch.stopped', data: { why: 'a strange bill' } },
      { event: 'switch.open', actor: expect.stringMatching(/^t/) },
    ])
  })
})

describe('the check of a cloud account', () => {
  it('says so where its engine has no way to ask', async () => {
    const answer = await ask('POST', '/v1/cloud-accounts/xyz/check')
    expect(answer.statusCode).toBe(409)
    expect(answer.json()).toMatchObject({ code: 'conflict.state' })
  })

  it('is asked for, and its answer is what was found after that', async () => {
    const { db } = use.database
    await openWatches(db, 'abc-account', { check: 3_600_000 })
    const { since } = (await ask('POST', '/v1/cloud-accounts/abc/check')).json<{ since: string }>()
    const waiting = ask('GET', `/v1/cloud-accounts/abc/check?since=${since}`)
    const findings = [{ what: 'id', ok: false, why: 'the platform calls it 999' }]
    await db.query(
      `with seen as (update pipi.cloud_accounts set armed = false, findings = $1, checked_at = clock_timestamp() where id = 'abc-account')
       update pipi.watches set done_at = clock_timestamp(), result = '{}' where cloud_account = 'abc-account' and kind = 'check'`,
      [JSON.stringify(findings)],
    )
    expect((await waiting).json()).toMatchObject({ done: true, account: { armed: false, findings } })
  })
})

describe('the check of what an account brought', () => {
  it('asks about the cloud account too, and its answer waits for both', async () => {
    const { db } = use.database
    await openWatches(db, 'abc-account', { check: 3_600_000 })
    await db.query(`update pipi.cloud_accounts set armed = false, findings = $1 where id = 'abc-account'`, [
      JSON.stringify([{ what: 'rights', ok: false, why: 'it may not list buckets' }]),
    ])
    await db.query('update pipi.watches set asked = false')
    const [digest, content] = [Buffer.from('d'), Buffer.from('c')]
    await keepClaim(db, {
      ...{ account: use.stage.account, engine: 'abc', own: true, cloudAccount: 'abc-account', plan: 'free' },
      ...{ consentWatched: false, way: 'keys', digest, content, seal: () => Buffer.from('sealed') },
    })
    const { since } = (await ask('POST', '/v1/cloud-accounts/abc/check')).json<{ since: string }>()
    const [watch] = await db.query(
      `select asked from pipi.watches where cloud_account = 'abc-account' and kind = 'check'`,
    )
    expect(watch).toEqual({ asked: true })
    const waiting = ask('GET', `/v1/cloud-accounts/abc/check?since=${since}`)
    await db.query(`update pipi.claims set armed = true, checked_at = clock_timestamp() where account = $1`, [
      use.stage.account,
    ])
    const first = await waitForClaim(db, use.stage.account, 'abc', new Date(since), 5_000)
    expect(first).toMatchObject({ armed: true })
    await db.query(
      `with seen as (update pipi.cloud_accounts set armed = true, findings = '[]', checked_at = clock_timestamp() where id = 'abc-account')
       update pipi.watches set done_at = clock_timestamp(), result = '{}' where cloud_account = 'abc-account' and kind = 'check'`,
    )
    expect((await waiting).json()).toMatchObject({ done: true, account: { armed: true, findings: [] } })
  })
})

describe("a cloud account's own walls", () => {
  it('are set by a deployment of their own, once per key', async () => {
    const headers = { ...use.as('owner'), 'idempotency-key': 'walls' }
    const send = () => use.api.inject({ method: 'POST', url: '/v1/cloud-accounts/abc/secure', headers })
    const first = await send()
    expect(first.statusCode, first.body).toBe(202)
    expect(first.json()).toMatchObject({ kind: 'secure', workspace: 'guard-rails-abc' })
    expect((await send()).json<{ id: string }>().id).toBe(first.json<{ id: string }>().id)
  })
})
