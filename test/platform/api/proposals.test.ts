import { describe, expect, it } from 'vitest'
import { openAccount } from '../../../platform/store/account.ts'
import { linkCloudAccount } from '../../../platform/store/cloud-account.ts'
import { journalAfter } from '../../../platform/store/journal-after.ts'
import { createToken } from '../../../platform/store/token.ts'
import { useApi } from './stage.ts'

const use = useApi()

interface Shown {
  id: string
  state: string
  says?: string
  confirmBefore: string
}

type Headers = Record<string, string>
const ask = (method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object, headers: Headers = use.as('owner')) =>
  use.api.inject({ method, url, headers, ...(payload ? { payload } : {}) })
const wish = async (what: string, value: object, cloud = 'abc') => {
  const answer = await ask('POST', `/v1/cloud-accounts/${cloud}/proposals`, { what, value })
  expect(answer.statusCode, answer.body).toBe(201)
  return answer.json<Shown>()
}
const confirm = (id: string) => ask('POST', `/v1/proposals/${id}/confirm`)
const account = async (cloud = 'abc') =>
  (await ask('GET', `/v1/cloud-accounts/${cloud}`)).json<Record<string, unknown> & { budget: { limit: number } }>()
const events = async () =>
  (await journalAfter(use.database.db, { account: use.stage.account, after: 0 })).map(({ event, actor, data }) => ({
    event,
    actor,
    data,
  }))

describe('what opens a cloud account wider', () => {
  it('does nothing when it is proposed, and holds once the owner has confirmed it, with both in the journal', async () => {
    const proposed = await wish('budget', { usdPerMonth: 5 })
    expect(proposed).toMatchObject({ state: 'open', says: expect.stringContaining('At most 5.00 USD a month') })
    expect(Date.parse(proposed.confirmBefore) - Date.now()).toBeGreaterThan(0)
    expect((await account()).budget).toMatchObject({ limit: 0 })
    expect((await confirm(proposed.id)).json()).toMatchObject({ state: 'confirmed' })
    expect((await account()).budget).toEqual({ limit: 5, held: 0, used: 0, left: 5 })
    const written = await events()
    expect(written).toContainEqual(
      expect.objectContaining({
        event: 'proposal.made',
        data: expect.objectContaining({ what: 'budget', value: { usdPerMonth: 5 } }),
      }),
    )
    expect(written).toContainEqual(
      expect.objectContaining({
        event: 'proposal.confirmed',
        data: expect.objectContaining({ proposedBy: expect.any(String), confirmedBy: expect.any(String) }),
      }),
    )
  })

  it('is the same when it is said, or confirmed, twice', async () => {
    const first = await wish('budget', { usdPerMonth: 6 })
    expect((await wish('budget', { usdPerMonth: 6 })).id).toBe(first.id)
    const answers = await Promise.all([confirm(first.id), confirm(first.id)])
    expect(answers.map((answer) => answer.json<Shown>().state)).toEqual(['confirmed', 'confirmed'])
    const credit = await wish('credit', { usd: 100, expires: '2999-03-01', note: 'a grant' }, 'xyz')
    await Promise.all([confirm(credit.id), confirm(credit.id)])
    const { items } = (await ask('GET', '/v1/credits?cloud=xyz')).json<{ items: object[] }>()
    expect(items).toEqual([
      expect.objectContaining({ usd: 100, note: 'a grant', state: 'good', expires: '2999-03-01T00:00:00.000Z' }),
    ])
    expect(await account('xyz')).toMatchObject({ credit: { limit: 100, left: 100 } })
  })

  it('cannot be confirmed once it was withdrawn or its ten minutes are over', async () => {
    const withdrawn = await wish('watched', { agreed: true })
    expect((await ask('DELETE', `/v1/proposals/${withdrawn.id}`)).json()).toMatchObject({ state: 'withdrawn' })
    const late = await wish('watched', { agreed: true })
    expect(late.id).not.toBe(withdrawn.id)
    await use.database.db.query('update pipi.proposals set confirm_before = clock_timestamp() where id = $1', [late.id])
    for (const { id } of [withdrawn, late]) {
      const answer = await confirm(id)
      expect(answer.statusCode).toBe(409)
      expect(answer.json()).toMatchObject({ code: 'conflict.state' })
    }
    expect(await account()).toMatchObject({ consentWatched: false })
  })

  it.each([
    ['a plan that the facts do not know', 'plan', { plan: 'gold' }],
    ['facts past their date for more than 30 days', 'stale', { until: '2999-01-01' }],
    ['a credit that is over already', 'credit', { usd: 5, expires: '2020-01-01' }],
    ['less than a cent', 'budget', { usdPerMonth: 0.001 }],
    ['money that is owed', 'budget', { usdPerMonth: -1 }],
    ['what nobody can wish', 'moon', { there: true }],
  ])('is refused for %s', async (_, what, value) => {
    const answer = await ask('POST', '/v1/cloud-accounts/abc/proposals', { what, value })
    expect(answer.statusCode).toBe(422)
    expect(answer.json()).toMatchObject({ code: 'input.invalid' })
  })
})

describe('what closes a cloud account further', () => {
  it('holds at once', async () => {
    await confirm((await wish('budget', { usdPerMonth: 9 })).id)
    expect(await wish('budget', { usdPerMonth: 0 })).toMatchObject({ state: 'confirmed' })
    expect((await account()).budget).toMatchObject({ limit: 0, left: 0 })
    await confirm((await wish('watched', { agreed: true })).id)
    expect(await account()).toMatchObject({ consentWatched: true })
    expect(await wish('watched', { agreed: false })).toMatchObject({ state: 'confirmed' })
    expect(await account()).toMatchObject({ consentWatched: false })
    expect(await wish('on-burn', { do: 'stop' })).toMatchObject({ state: 'open' })
    expect(await wish('on-burn', { do: 'suspend' })).toMatchObject({ state: 'confirmed' })
  })

  it('takes a credit back at once, and twice is once', async () => {
    const proposed = await wish('credit', { usd: 10, expires: '2999-01-01' })
    await confirm(proposed.id)
    const [credit] = (await ask('GET', '/v1/credits?cloud=abc')).json<{ items: { id: string }[] }>().items
    for (let turn = 0; turn < 2; turn++) {
      expect((await ask('DELETE', `/v1/credits/${credit?.id}`)).json()).toMatchObject({ state: 'withdrawn' })
    }
    expect(await account()).toMatchObject({ credit: { limit: 0 } })
  })
})

describe('a change of plan', () => {
  it('ends what was agreed to for the old one, and asks the platform anew', async () => {
    await confirm((await wish('watched', { agreed: true }, 'xyz')).id)
    await use.database.db.query(`update pipi.cloud_accounts set armed = true where id = 'xyz-account'`)
    await confirm((await wish('plan', { plan: 'walled' }, 'xyz')).id)
    const after = await account('xyz')
    expect(after).toMatchObject({ plan: 'walled', consentWatched: false })
    expect(after).not.toHaveProperty('armed')
  })
})

describe('money and terms', () => {
  it('are not changed by an account that only uses the cloud account, with a proposal, a switch or walls', async () => {
    const { db } = use.database
    const guest = await openAccount(db, 'guest')
    await linkCloudAccount(db, guest.id, 'abc-account')
    const { secret } = await createToken(db, { account: guest.id, role: 'owner' })
    const headers = { authorization: `Bearer ${secret}` }
    await confirm((await wish('credit', { usd: 3, expires: '2999-05-01' })).id)
    const credits = (await ask('GET', '/v1/credits?cloud=abc')).json<{ items: { id: string; state: string }[] }>().items
    const before = await account()
    for (const [method, url, payload] of [
      ['POST', '/v1/cloud-accounts/abc/proposals', { what: 'budget', value: { usdPerMonth: 50 } }],
      ['POST', '/v1/cloud-accounts/abc/proposals', { what: 'watched', value: { agreed: true } }],
      ['POST', '/v1/cloud-accounts/abc/proposals', { what: 'budget', value: { usdPerMonth: 0 } }],
      ['POST', '/v1/cloud-accounts/abc/switch', { to: 'stopped' }],
      ['POST', '/v1/cloud-accounts/abc/secure', undefined],
      ['DELETE', `/v1/credits/${credits.find(({ state }) => state === 'good')?.id}`, undefined],
    ] as const) {
      const answer = await ask(method, url, payload, headers)
      expect(answer.statusCode, `${url} ${answer.body}`).toBe(403)
      expect(answer.json()).toMatchObject({ code: 'not-allowed', hint: expect.stringContaining('ask its owner') })
    }
    expect((await ask('GET', '/v1/cloud-accounts/abc', undefined, headers)).statusCode).toBe(200)
    expect(await account()).toEqual(before)
  })

  it('are open no more to who confirms what it proposed while it might', async () => {
    const { db } = use.database
    const { id } = await wish('budget', { usdPerMonth: 9 })
    const terms = (may: boolean) =>
      db.query(`update pipi.account_clouds set terms = $1 where cloud_account = 'abc-account' and account = $2`, [
        may,
        use.stage.account,
      ])
    await terms(false)
    expect((await confirm(id)).statusCode).toBe(403)
    await terms(true)
    expect((await confirm(id)).statusCode).toBe(200)
  })

  it('are the owner’s alone, and end at the walls of an account', async () => {
    await use.database.db.query(
      `delete from pipi.account_clouds where cloud_account = 'xyz-account' and account <> $1`,
      [use.stage.account],
    )
    const { id } = await wish('budget', { usdPerMonth: 7 }, 'xyz')
    const body = { what: 'budget', value: { usdPerMonth: 7 } }
    const deployer = use.as('deployer')
    expect((await ask('POST', '/v1/cloud-accounts/xyz/proposals', body, deployer)).statusCode).toBe(403)
    expect((await ask('POST', `/v1/proposals/${id}/confirm`, undefined, deployer)).statusCode).toBe(403)
    const other = use.as('owner', 'other')
    for (const [method, url] of [
      ['GET', '/v1/cloud-accounts/xyz-account'],
      ['POST', `/v1/proposals/${id}/confirm`],
      ['DELETE', `/v1/proposals/${id}`],
    ] as const) {
      expect((await ask(method, url, undefined, other)).statusCode, url).toBe(404)
    }
    expect((await ask('POST', '/v1/cloud-accounts/xyz-account/proposals', body, other)).statusCode).toBe(404)
    expect((await ask('GET', '/v1/cloud-accounts/xyz-account/proposals', undefined, other)).json()).toEqual({
      items: [],
    })
  })
})
