import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { cancel } from '../../../platform/commander/cancel.ts'
import { intake } from '../../../platform/commander/intake.ts'
import type { IntakeRequest } from '../../../platform/commander/intake-context.ts'
import { secure } from '../../../platform/commander/secure.ts'
import { journalAfter } from '../../../platform/store/journal-after.ts'
import { ledgerNow, moveLedgerClock } from '../../../platform/store/ledger-clock.ts'
import { type TestDatabase, testDatabase } from '../../helpers/postgres.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { DIGEST, MANIFEST, openStage, type Stage } from './stage.ts'

const DAY_MS = 86_400_000

let database: TestDatabase
let stage: Stage
beforeAll(async () => {
  database = await testDatabase()
  stage = await openStage(database.db)
})
afterAll(() => database.drop())

let count = 0
const named = (text = MANIFEST) => text.replace('good', `good-${++count}`)
const written = async () =>
  Number((await database.db.query<{ n: number }>('select count(*)::int as n from pipi.deployments'))[0]?.n)

describe('intake', () => {
  it('answers only when the request is in the truth, with its journal record', async () => {
    const deployment = await intake(stage.context, stage.request({ manifest: named() }))
    expect(deployment).toMatchObject({
      status: 'accepted',
      engine: 'abc',
      region: 'north',
      cloudAccount: 'abc-account',
    })
    expect(
      await journalAfter(database.db, { account: stage.account, deployment: deployment.id, after: 0 }),
    ).toMatchObject([{ event: 'deployment.accepted', actor: 'token' }])
  })

  it('gives the same key the same answer, even when the world has changed, and another request a conflict', async () => {
    const request = stage.request({ manifest: named(), engine: 'auto', key: 'k-1' })
    const first = await intake(stage.context, request)
    await cancel(database.db, stage.account, first.id, 'token')
    const full = { ...stage.context, roomOf: async () => () => ({ share: 0, full: 'all is full' }) }
    expect(await intake(full, request)).toMatchObject({ id: first.id, status: 'cancelled' })
    await expect(intake(stage.context, { ...request, manifest: named() })).rejects.toMatchObject({
      code: 'conflict.key',
    })
  })

  it('names what the manifest, the source and the place have wrong in one answer, and writes nothing', async () => {
    const before = await written()
    const text = `${named()}placement:\n  engine: qqq\n`
    const request = stage.request({
      manifest: text,
      engine: undefined,
      source: { kind: 'upload', digest: 'f'.repeat(64) },
    })
    await expect(intake(stage.context, request)).rejects.toMatchObject({
      code: 'manifest.invalid',
      problems: [
        { path: 'source.digest' },
        {
          path: 'placement.engine',
          line: 7,
          message: expect.stringContaining('qqq'),
          allowed: expect.stringContaining('abc, xyz, ccc'),
        },
      ],
    })
    expect(await written()).toBe(before)
  })

  it.each([
    ['no source at all', { source: undefined }, MANIFEST, 'source'],
    ['a folder that was not sent along', { source: undefined }, `${MANIFEST}source:\n  folder: .\n`, 'source.folder'],
    ['a folder of this host, from afar', { source: { kind: 'git' as const, url: '/etc' } }, MANIFEST, 'source.url'],
    [
      'an address inside our network',
      { source: { kind: 'git' as const, url: 'https://169.254.169.254/latest' } },
      MANIFEST,
      'source.url',
    ],
    [
      'an address written as a number',
      { source: { kind: 'git' as const, url: 'https://2130706433/x' } },
      MANIFEST,
      'source.url',
    ],
    [
      'an address that runs something',
      { source: { kind: 'git' as const, url: 'ext::sh -c id' } },
      MANIFEST,
      'source.url',
    ],
    [
      'a file address that is no path',
      { source: { kind: 'git' as const, url: 'file:///a%2Fb' } },
      MANIFEST,
      'source.url',
    ],
    ['a region that is not free', { region: 'moon-1' }, MANIFEST, 'region'],
    [
      'a region in the manifest that is not free',
      {},
      `${MANIFEST}placement:\n  regions: [moon-1]\n`,
      'placement.regions',
    ],
  ])('refuses %s', async (_, change, text, path) => {
    await expect(intake(stage.context, stage.request({ manifest: named(text), ...change }))).rejects.toMatchObject({
      code: 'manifest.invalid',
      problems: [{ path, allowed: expect.any(String) }],
    })
  })

  it('lets the owner at this host name a repository in a folder, when it is one', async () => {
    const folder = await tempFolder()
    const source = { kind: 'git' as const, url: folder }
    await expect(
      intake(stage.context, stage.request({ manifest: named(), source, local: true })),
    ).rejects.toMatchObject({
      problems: [{ path: 'source.url', message: expect.stringContaining('no git repository') }],
    })
    await mkdir(join(folder, '.git'))
    expect(await intake(stage.context, stage.request({ manifest: named(), source, local: true }))).toMatchObject({
      status: 'accepted',
      ref: 'main',
    })
  })

  it('refuses at once, as a deployment, what has no free carrier: the component, the reason, and who could', async () => {
    const manifest = named(MANIFEST.replace('kind: site', 'kind: service'))
    const deployment = await intake(stage.context, stage.request({ manifest, engine: 'xyz' }))
    expect(deployment).toMatchObject({
      status: 'refused',
      refusal: {
        code: 'lock.no-carrier',
        resource: 'web',
        message: expect.stringContaining('nothing computes for free'),
        hint: expect.stringContaining('--engine abc'),
      },
    })
  })

  it('says what is missing where an engine has no account', async () => {
    await expect(intake(stage.context, stage.request({ manifest: named(), engine: 'ccc' }))).rejects.toMatchObject({
      code: 'not-allowed',
      message: expect.stringContaining('CCC_TOKEN'),
    })
  })

  it('finds nothing to destroy or to repeat under a name that nobody has', async () => {
    for (const kind of ['destroy', 'refresh', 'deploy'] as const) {
      const request = stage.request({ kind, manifest: undefined, source: undefined, workspace: 'no-such' })
      await expect(intake(stage.context, request)).rejects.toMatchObject({ code: 'not-found' })
    }
  })

  it('keeps one workspace of a name in one place, and tells another account nothing of it', async () => {
    const manifest = named()
    const { workspaceId, id } = await intake(stage.context, stage.request({ manifest }))
    await database.db.query(
      `update pipi.workspaces set live = true, engine = 'abc', cloud_account = 'abc-account', region = 'north' where id = $1`,
      [workspaceId],
    )
    await expect(intake(stage.context, stage.request({ manifest, engine: 'xyz' }))).rejects.toMatchObject({
      code: 'manifest.invalid',
      problems: [{ path: 'name', line: 2, message: expect.stringContaining('stands on abc already') }],
    })
    await expect(
      intake(stage.context, stage.request({ manifest, engine: 'abc', region: 'south' })),
    ).rejects.toMatchObject({
      problems: [{ path: 'region', message: expect.stringContaining('stands in north already') }],
    })
    // What nothing there could carry is the lock's to refuse: that comes before the name.
    const service = manifest.replace('kind: site', 'kind: service')
    expect(await intake(stage.context, stage.request({ manifest: service, engine: 'xyz' }))).toMatchObject({
      status: 'refused',
      refusal: { code: 'lock.no-carrier' },
    })
    expect(await intake(stage.context, stage.request({ manifest, engine: 'auto' }))).toMatchObject({
      engine: 'abc',
      workspaceId,
      choice: [{ engine: 'abc', could: true, reason: expect.stringContaining('stands there already') }],
    })
    const other = await openStage(database.db, 'somebody else')
    expect(await intake(other.context, other.request({ manifest, engine: 'xyz' }))).toMatchObject({
      engine: 'xyz',
      account: other.account,
    })
    await expect(cancel(database.db, other.account, id, 'token')).rejects.toMatchObject({ code: 'not-found' })
  })

  it('repeats the last deployment of a workspace by its name', async () => {
    const { workspace } = await intake(stage.context, stage.request({ manifest: named() }))
    const again = await intake(stage.context, stage.request({ manifest: undefined, source: undefined, workspace }))
    expect(again).toMatchObject({ workspace, kind: 'deploy', status: 'accepted' })
    const [row] = await database.db.query('select source from pipi.deployments where id = $1', [again.id])
    expect(row?.source).toMatchObject({ kind: 'upload', digest: DIGEST })
  })

  it('promises an end where a ttl is given: the request\u2019s, else the manifest\u2019s, by the ledger\u2019s clock', async () => {
    const { db } = database
    await moveLedgerClock(db, 400 * DAY_MS)
    onTestFinished(() => moveLedgerClock(db, null))
    const text = `${named()}ttl: 14d\n`
    const left = async (change: Partial<IntakeRequest>) => {
      const { endsAt } = await intake(stage.context, stage.request({ manifest: text, ...change }))
      return endsAt === undefined ? undefined : Date.parse(endsAt) - (await ledgerNow(db)).getTime()
    }
    expect(await left({})).toBeGreaterThan(13.9 * DAY_MS)
    expect(await left({})).toBeLessThan(14 * DAY_MS)
    expect(await left({ ttl: '2h' })).toBeLessThan(DAY_MS)
    expect(await left({ manifest: named() })).toBeUndefined()
    await expect(intake(stage.context, stage.request({ manifest: `${named()}ttl: 2y\n` }))).rejects.toMatchObject({
      code: 'manifest.invalid',
      problems: [{ path: 'ttl', line: 6 }],
    })
  })

  it('repeats what stands at its exact commit, also when a newer deployment failed', async () => {
    const { workspace, workspaceId } = await intake(stage.context, stage.request({ manifest: named() }))
    const again = stage.request({ manifest: undefined, source: undefined, workspace, asItStands: true, ttl: '7d' })
    await expect(intake(stage.context, again)).rejects.toMatchObject({ code: 'conflict.state' })
    const source = { kind: 'git', url: 'https://git.example/x', ref: 'main', path: '.', local: false }
    await database.db.query(
      `update pipi.workspaces w set live = true, engine = 'abc', cloud_account = 'abc-account', region = 'north', commit_sha = $2,
         manifest = (select manifest from pipi.deployments d where d.workspace = w.id), source = $3 where id = $1`,
      [workspaceId, 'a'.repeat(40), JSON.stringify(source)],
    )
    const { id } = await intake(stage.context, again)
    const [row] = await database.db.query(
      'select source, ends_at is not null as ends from pipi.deployments where id = $1',
      [id],
    )
    expect(row).toMatchObject({ source: { url: source.url, commit: 'a'.repeat(40) }, ends: true })
  })

  it('keeps the names of guard rails for guard rails', async () => {
    const manifest = MANIFEST.replace('good', 'guard-rails-abc')
    await expect(intake(stage.context, stage.request({ manifest }))).rejects.toMatchObject({
      problems: [{ path: 'name', message: expect.stringContaining('guard rails') }],
    })
    const asked = { account: stage.account, cloudAccount: 'abc', by: 'token' }
    const secured = await secure(stage.context, { ...asked, key: 'walls' })
    expect(secured).toMatchObject({ kind: 'secure', workspace: 'guard-rails-abc', engine: 'abc', status: 'accepted' })
    expect((await secure(stage.context, { ...asked, key: 'walls' })).id).toBe(secured.id)
    await expect(secure(stage.context, { ...asked, cloudAccount: 'xyz' })).rejects.toMatchObject({
      code: 'conflict.state',
    })
    await expect(
      intake(stage.context, stage.request({ manifest: undefined, source: undefined, workspace: 'guard-rails-abc' })),
    ).rejects.toMatchObject({ code: 'conflict.state', hint: expect.stringContaining('account secure') })
  })
})
