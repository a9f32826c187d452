import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FINAL, isFinal, STATUSES, TRANSITIONS } from '../../../factory/contract/status.ts'
import { accept } from '../../../platform/store/accept.ts'
import { openAccount } from '../../../platform/store/account.ts'
import { assign, assignedNotTaken, sayWaiting } from '../../../platform/store/assign.ts'
import { openCloudAccount } from '../../../platform/store/cloud-account.ts'
import { finish } from '../../../platform/store/finish.ts'
import { getDeployment } from '../../../platform/store/get-deployment.ts'
import { journalAfter, newestSeq } from '../../../platform/store/journal-after.ts'
import { listDeployments } from '../../../platform/store/list-deployments.ts'
import { getWorkspace, listWorkspaces } from '../../../platform/store/list-workspaces.ts'
import { nextToAssign } from '../../../platform/store/next-to-assign.ts'
import { openDeployments } from '../../../platform/store/open-deployments.ts'
import { quota } from '../../../platform/store/quota.ts'
import { requestCancel } from '../../../platform/store/request-cancel.ts'
import { stock } from '../../../platform/store/stock.ts'
import { story, tellStory } from '../../../platform/store/story.ts'
import { supersede } from '../../../platform/store/supersede.ts'
import { authenticate, createToken, revokeToken } from '../../../platform/store/token.ts'
import { getUpload, putUpload } from '../../../platform/store/upload.ts'
import { databaseOfTest, type TestDatabase, testDatabase } from '../../helpers/postgres.ts'
import { openTestTruth, type TestTruth } from '../../helpers/truth.ts'

let database: TestDatabase
let world: TestTruth
beforeAll(async () => {
  database = await testDatabase({ connections: 20 })
  world = await openTestTruth(database.db, [{ meter: 'm', scope: '', unit: 'u', period: 'concurrent', limit: 3 }])
})
afterAll(async () => {
  await world.close()
  await database.drop()
})

describe('accepting', () => {
  it('writes deployment, workspace and journal record, and the same key twice is the same answer', async () => {
    const request = world.request({ key: 'k1', by: 'token:t1', workspaceName: 'first' })
    const one = await accept(database.db, request)
    const two = await accept(database.db, request)
    expect(one.created).toBe(true)
    expect(two).toMatchObject({ created: false, deployment: { id: one.deployment.id } })
    expect(one.deployment).toMatchObject({ workspace: 'first', status: 'accepted', attempt: 1, account: world.account })
    const records = await journalAfter(database.db, { account: world.account, deployment: one.deployment.id, after: 0 })
    expect(records).toMatchObject([{ event: 'deployment.accepted', actor: 'token:t1' }])
    await expect(accept(database.db, { ...request, region: 'elsewhere' })).rejects.toMatchObject({
      code: 'conflict.key',
    })
  })

  it('gives a storm of one key one deployment', async () => {
    const request = world.request({ key: 'storm', workspaceName: 'storm' })
    const answers = await Promise.all(Array.from({ length: 40 }, () => accept(database.db, request)))
    expect(new Set(answers.map((answer) => answer.deployment.id)).size).toBe(1)
    expect(answers.filter((answer) => answer.created)).toHaveLength(1)
  })

  it('gives two first deployments of one name one workspace, in an order', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => accept(database.db, world.request({ workspaceName: 'same' }))),
    )
    expect(new Set(answers.map((answer) => answer.deployment.workspaceId)).size).toBe(1)
    expect((await nextToAssign(database.db)).filter((next) => next.workspaceName === 'same')).toHaveLength(1)
  })

  it('refuses at once what is known to be impossible, as a deployment that ended', async () => {
    const refusal = { code: 'lock.no-carrier' as const, message: 'no', hint: 'elsewhere' }
    const { deployment } = await accept(database.db, world.request({ refusal }))
    expect(deployment).toMatchObject({ status: 'refused', refusal })
  })

  it("refuses another account's cloud account, and what stands at another engine", async () => {
    const stranger = await openAccount(database.db, 'stranger')
    await expect(accept(database.db, world.request({ account: stranger.id }))).rejects.toMatchObject({
      code: 'not-allowed',
    })
    await openCloudAccount(database.db, world.account, {
      id: 'other-cloud',
      engine: 'dgo',
      plan: 'p',
      consentWatched: false,
    })
    await accept(database.db, world.request({ workspaceName: 'stands' }))
    await expect(
      accept(database.db, world.request({ workspaceName: 'stands', engine: 'dgo', cloudAccount: 'other-cloud' })),
    ).rejects.toMatchObject({ code: 'conflict.state' })
  })

  it('destroys only what is there, with what was deployed', async () => {
    const destroy = { kind: 'destroy' as const, manifest: undefined, source: undefined }
    await expect(accept(database.db, world.request({ ...destroy, workspaceName: 'nothing' }))).rejects.toMatchObject({
      code: 'not-found',
    })
    const { deployment } = await accept(
      database.db,
      world.request({ ...destroy, workspaceName: 'stands', engine: 'xxx', cloudAccount: 'yyy' }),
    )
    expect(deployment).toMatchObject({ kind: 'destroy', engine: 'aws', cloudAccount: world.cloudAccount })
  })
})

describe('assigning', () => {
  it('goes workspace by workspace in order, and accounts take turns', async () => {
    const { db } = await databaseOfTest()
    const big = await openTestTruth(db, [])
    const small = await openTestTruth(db, [])
    const first = await accept(db, big.request({ workspaceName: 'one' }))
    await accept(db, big.request({ workspaceName: 'one' }))
    for (let n = 0; n < 5; n++) await accept(db, big.request())
    await accept(db, small.request())
    const next = await nextToAssign(db)
    expect(next).toHaveLength(7)
    expect(next.slice(0, 2).map((one) => one.account)).toEqual([big.account, small.account])
    expect(await assign(db, first.deployment.id)).toBe(true)
    expect(await assign(db, first.deployment.id)).toBe(false)
    expect((await nextToAssign(db)).some((one) => one.workspaceName === 'one')).toBe(false)
    expect((await nextToAssign(db))[0]?.account).toBe(small.account)
    expect(await assignedNotTaken(db, 0)).toMatchObject([{ id: first.deployment.id }])
    expect(await assignedNotTaken(db, 60_000)).toEqual([])
    const queue = await openDeployments(db, big.account)
    expect(queue).toHaveLength(7)
    expect(queue.find((one) => one.waitingFor?.startsWith('an earlier deployment of this workspace'))).toMatchObject({
      workspace: 'one',
    })
    expect(await stock(db)).toMatchObject([{ engine: 'aws', waiting: 7, running: 0 }])
    const truth = big.engine('c')
    await truth.take(first.deployment.id)
    expect(await stock(db)).toMatchObject([{ engine: 'aws', waiting: 6, running: 1 }])
    expect((await openDeployments(db, big.account))[0]).toMatchObject({ id: first.deployment.id, position: null })
    await big.close()
  })

  it('assigns each once, however many commanders do it at the same time', async () => {
    const { db } = await databaseOfTest()
    const own = await openTestTruth(db, [])
    for (let n = 0; n < 12; n++) await accept(db, own.request())
    const commander = async () => {
      const mine: string[] = []
      for (const { id } of await nextToAssign(db)) if (await assign(db, id)) mine.push(id)
      return mine
    }
    const assigned = (await Promise.all([commander(), commander(), commander()])).flat()
    expect(assigned).toHaveLength(12)
    expect(new Set(assigned).size).toBe(12)
    await own.close()
  })

  it('says what a deployment waits for, once', async () => {
    const { deployment } = await accept(database.db, world.request())
    const from = await newestSeq(database.db)
    await sayWaiting(database.db, deployment.id, 'a free engine')
    await sayWaiting(database.db, deployment.id, 'a free engine')
    expect(await journalAfter(database.db, { account: world.account, after: from })).toMatchObject([
      { event: 'deployment.waiting', data: { waitingFor: 'a free engine' } },
    ])
  })
})

describe('cancelling and superseding', () => {
  it('ends at once what nobody has begun, and asks the engine else', async () => {
    const { deployment } = await accept(database.db, world.request())
    expect(await requestCancel(database.db, world.account, deployment.id, 'token:x')).toBe('cancelled')
    expect(await requestCancel(database.db, world.account, deployment.id)).toBe('cancelled')
    const [record] = (
      await journalAfter(database.db, { account: world.account, deployment: deployment.id, after: 0 })
    ).slice(-1)
    expect(record).toMatchObject({ event: 'deployment.cancelled', actor: 'token:x' })
    const stranger = await openAccount(database.db, 'stranger')
    await expect(requestCancel(database.db, stranger.id, deployment.id)).rejects.toMatchObject({ code: 'not-found' })
    expect(await assign(database.db, deployment.id)).toBe(false)
  })

  it('lets a newer push of the same ref replace the older ones that wait, and those only', async () => {
    const push = (ref: string) => accept(database.db, world.request({ workspaceName: 'pushed', ref }))
    const [begun, old, other, newest] = [await push('main'), await push('main'), await push('dev'), await push('main')]
    await assign(database.db, begun.deployment.id)
    expect(await supersede(database.db, newest.deployment.id)).toEqual([old.deployment.id])
    expect(await getDeployment(database.db, world.account, other.deployment.id)).toMatchObject({ status: 'accepted' })
    expect(await getDeployment(database.db, world.account, old.deployment.id)).toMatchObject({ status: 'superseded' })
  })
})

describe('reading', () => {
  it('goes through pages, and sees its own account only', async () => {
    const own = await openTestTruth(database.db, [])
    const made = []
    for (let n = 0; n < 5; n++)
      made.push((await accept(database.db, own.request({ workspaceName: `page-${n}` }))).deployment.id)
    const first = await listDeployments(database.db, { account: own.account, limit: 3 })
    const second = await listDeployments(database.db, { account: own.account, limit: 3, cursor: first.next })
    expect([...first.items, ...second.items].map((one) => one.id)).toEqual(made.toSorted().reverse())
    expect(second.next).toBeUndefined()
    expect((await listDeployments(database.db, { account: own.account, workspace: 'page-1' })).items).toHaveLength(1)
    expect((await listDeployments(database.db, { account: own.account, status: 'failed' })).items).toEqual([])
    const names = await listWorkspaces(database.db, { account: own.account, limit: 2 })
    expect(names).toMatchObject({ items: [{ name: 'page-0' }, { name: 'page-1' }], next: 'page-1' })
    const stranger = await openAccount(database.db, 'stranger')
    const id = made[0] ?? ''
    expect(await getDeployment(database.db, stranger.id, id)).toBeUndefined()
    expect(await getWorkspace(database.db, stranger.id, 'page-0')).toBeUndefined()
    expect(await story(database.db, { account: stranger.id, deployment: id, after: 0 })).toEqual([])
    expect(await journalAfter(database.db, { account: stranger.id, deployment: id, after: 0 })).toEqual([])
    expect(await quota(database.db, stranger.id)).toEqual([])
  })

  it('never shows a later journal number before an earlier one', async () => {
    const own = await openTestTruth(database.db, [])
    const from = await newestSeq(database.db)
    let writing = true
    const seen: number[] = []
    const read = async () => {
      const last = seen.at(-1) ?? from
      seen.push(...(await journalAfter(database.db, { account: own.account, after: last })).map((record) => record.seq))
    }
    const reader = (async () => {
      while (writing) await read()
      await read()
    })()
    await Promise.all(Array.from({ length: 60 }, () => accept(database.db, own.request())))
    writing = false
    await reader
    expect(seen).toHaveLength(60)
    expect(seen).toEqual([...seen].sort((a, b) => a - b))
  })

  it('keeps the journal as it was written', async () => {
    await expect(database.db.query(`update pipi.journal set event = 'x'`)).rejects.toMatchObject({
      code: 'not-allowed',
    })
    await expect(database.db.query('delete from pipi.journal')).rejects.toMatchObject({ code: 'not-allowed' })
    await expect(database.db.query('truncate pipi.journal')).rejects.toMatchObject({ code: 'not-allowed' })
  })

  it('numbers story and journal in one row', async () => {
    const { deployment } = await accept(database.db, world.request())
    const from = await newestSeq(database.db)
    await tellStory(database.db, world.account, deployment.id, [{ phase: 'accepted', level: 'info', text: 'hello' }])
    await finish(database.db, deployment.id, 'failed', { error: { code: 'source.unreachable', message: 'gone' } })
    const [line] = await story(database.db, { account: world.account, after: from })
    const [record] = await journalAfter(database.db, { account: world.account, after: from })
    expect(record?.seq).toBeGreaterThan(line?.seq ?? Number.POSITIVE_INFINITY)
  })
})

describe('tokens', () => {
  it('are known by their digest, speak for one account with one role, and end', async () => {
    const { id, secret } = await createToken(database.db, { account: world.account, role: 'deployer' })
    expect(await authenticate(database.db, secret)).toMatchObject({
      token: id,
      account: world.account,
      role: 'deployer',
    })
    expect(await authenticate(database.db, `${secret}x`)).toBeUndefined()
    const expired = await createToken(database.db, {
      account: world.account,
      role: 'viewer',
      expiresAt: new Date(Date.now() - 1000),
    })
    expect(await authenticate(database.db, expired.secret)).toBeUndefined()
    const own = await createToken(database.db, { account: world.account, role: 'owner', secret: 's'.repeat(40) })
    expect((await createToken(database.db, { account: world.account, role: 'owner', secret: 's'.repeat(40) })).id).toBe(
      own.id,
    )
    expect(await revokeToken(database.db, world.account, id)).toBe(true)
    expect(await authenticate(database.db, secret)).toBeUndefined()
    const dump = JSON.stringify(await database.db.query('select * from pipi.tokens'))
    expect(dump).not.toContain(secret)
  })
})

describe('uploads', () => {
  it('are kept by their digest, per account', async () => {
    const bytes = Buffer.from('source')
    const digest = createHash('sha256').update(bytes).digest('hex')
    await putUpload(database.db, world.account, digest, bytes)
    await putUpload(database.db, world.account, digest, bytes)
    expect(Buffer.from((await getUpload(database.db, world.account, digest)) ?? [])).toEqual(bytes)
    const stranger = await openAccount(database.db, 'stranger')
    expect(await getUpload(database.db, stranger.id, digest)).toBeUndefined()
    await expect(putUpload(database.db, world.account, 'a'.repeat(64), bytes)).rejects.toMatchObject({
      code: 'input.invalid',
    })
    await expect(
      putUpload(database.db, world.account, digest, Buffer.alloc(50 * 1024 * 1024 + 1)),
    ).rejects.toMatchObject({ code: 'input.invalid' })
  })
})

it('enforces every cell of the table of transitions', async () => {
  const { deployment } = await accept(database.db, world.request())
  for (const from of STATUSES) {
    for (const to of STATUSES) {
      if (from === to) continue
      const attempt = database.db.transaction(async (tx) => {
        // Past the rules, to stand in `from`; undone with the transaction.
        await tx.query('alter table pipi.deployments disable trigger user')
        await tx.query(
          `update pipi.deployments set status = $2, finished_at = case when $3 then now() end where id = $1`,
          [deployment.id, from, isFinal(from)],
        )
        await tx.query('alter table pipi.deployments enable trigger user')
        await tx.query('update pipi.deployments set status = $2 where id = $1', [deployment.id, to])
        throw new Error('legal')
      })
      await expect(attempt, `${from} -> ${to}`).rejects.toThrow(
        TRANSITIONS[from].includes(to) ? /legal/ : /cannot go from/,
      )
    }
  }
  expect(FINAL.every((status) => TRANSITIONS[status].length === 0)).toBe(true)
})
