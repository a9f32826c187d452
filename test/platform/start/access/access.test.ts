import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { CATALOG_FOLDER } from '../../../../catalog/load.ts'
import type { Engine } from '../../../../engines/contract/engine.ts'
import { loadEngine } from '../../../../engines/scan.ts'
import type { DeploymentKind, EngineTruth } from '../../../../factory/contract/truth.ts'
import { readSettings } from '../../../../platform/config.ts'
import type { Door } from '../../../../platform/start/access/door.ts'
import { type Access, openAccess } from '../../../../platform/start/access/open.ts'
import { accountKeeper } from '../../../../platform/start/account-keeper.ts'
import { credentialKeeper } from '../../../../platform/start/credential-keeper.ts'
import { openEngines } from '../../../../platform/start/engines.ts'
import { openWatchesAt } from '../../../../platform/start/watches.ts'
import { openAccount } from '../../../../platform/store/account.ts'
import { requestClaim } from '../../../../platform/store/claims.ts'
import { requireTerms } from '../../../../platform/store/cloud-account.ts'
import { listCloudAccounts } from '../../../../platform/store/cloud-account-state.ts'
import { engineAccess } from '../../../../platform/store/engine-access.ts'
import { engineKey } from '../../../../platform/store/engine-key.ts'
import { openEngineTruth } from '../../../../platform/store/engine-truth.ts'
import { credentialsOf, openForEngine } from '../../../../platform/store/secret-seal.ts'
import { type TestDatabase, testDatabase } from '../../../helpers/postgres.ts'
import { tempFolder } from '../../../helpers/temp.ts'

const MASTER = Buffer.alloc(32, 9)
const SECRET = 'canary/of/a/secret/access/key/0123456789'
const PLATFORMS = '412908557311'

let database: TestDatabase
let engine: Engine
let owner: string
let truth: EngineTruth
beforeAll(async () => {
  database = await testDatabase({ connections: 6 })
  engine = await loadEngine('aws')
  owner = (await openAccount(database.db, 'owner')).id
  const { url } = await engineAccess(database.db, 'aws')
  truth = openEngineTruth({ url, clone: 'aws-1', key: engineKey(MASTER, 'aws') })
})
afterAll(async () => {
  await truth.close()
  await database.drop()
})

let access: Access
let shared: Access
let folder: string
beforeEach(async () => {
  folder = await tempFolder('credentials')
  const settings = { ...readSettings({ sandbox: true }, {}), credentials: folder }
  const { facts } = await openEngines(database.db, [engine], owner, settings)
  const options = {
    ...{ db: database.db, log: () => undefined, facts, masterKey: MASTER, owner, sandbox: true, folder },
    ...{ engines: new Map([['aws', engine]]), catalogFolder: CATALOG_FOLDER },
    watch: (one: Engine, id: string) => openWatchesAt(database.db, one, id, settings.watchEvery),
  }
  await openWatchesAt(database.db, engine, PLATFORMS, settings.watchEvery)
  access = openAccess({ ...options, shared: false })
  shared = openAccess({ ...options, shared: true })
})

/** A set as an account gives it; the number tells the sets of a test apart. */
function setOf(cloudAccount: string, key = 1): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: `AKIA000000000000000${key}`,
    AWS_SECRET_ACCESS_KEY: SECRET,
    PIPI_AWS_ACCOUNT: cloudAccount,
    PIPI_AWS_PLAN: 'free-plan',
  }
}

const keeper = () => credentialKeeper(database.db, MASTER, new Map([['aws', engine]]))
const lines = (values: Record<string, string>) =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')

async function fileOf(account: string, values: Record<string, string>): Promise<string> {
  await mkdir(join(folder, account), { recursive: true })
  const file = join(folder, account, 'aws.env')
  await writeFile(file, lines(values))
  await chmod(file, 0o600)
  return file
}

/** A clone asks the platform, which says whose the credentials are. */
async function confirm(says: { id?: string; plan?: string }): Promise<Record<string, string> | undefined> {
  for (;;) {
    const watch = await truth.takeWatch('aws-1', ['check'])
    if (watch === null) return undefined
    const check = { plan: 'free-plan', findings: [], ...(watch.claim === undefined ? { id: PLATFORMS } : says) }
    await truth.reportWatch(watch, { ok: true, kind: 'check', check })
    if (watch.claim !== undefined) return watch.credentials
  }
}

let made = 0
const account = async () => (await openAccount(database.db, `lab-${++made}`)).id
const nameOf = () => `lab-${made}`
const doorOf = (of: string, cloudAccount: string, on = access, kind: DeploymentKind = 'deploy') =>
  on.doorFor({ id: 'd1', account: of, engine: 'aws', cloudAccount, kind })
const stateOf = async (of: string) => (await access.factsFor(of))[0]?.cloudAccount

/** What a deployment is let in with, as its engine opens it. */
function opened(door: Door): Record<string, string> {
  if (!door.open || door.credentials === undefined) throw new Error(JSON.stringify(door))
  return openForEngine(engineKey(MASTER, 'aws'), credentialsOf('d1'), door.credentials)
}

describe('the platform’s own credentials', () => {
  it('let in its owner, and no other account unless they are shared', async () => {
    expect(opened(await doorOf(owner, PLATFORMS))).toMatchObject({ accessKey: 'AKIAIOSFODNN7EXAMPLE' })
    expect(await stateOf(owner)).toMatchObject({ ok: true, id: PLATFORMS })
    const other = await account()
    expect(await stateOf(other)).toMatchObject({
      ok: false,
      reason: expect.stringContaining('no credentials of its own'),
    })
    expect(await doorOf(other, PLATFORMS)).toMatchObject({ open: false, refusal: { code: 'not-allowed' } })
    expect((await shared.factsFor(other))[0]?.cloudAccount).toMatchObject({ ok: true, id: PLATFORMS })
    expect(opened(await doorOf(other, PLATFORMS, shared))).toMatchObject({ accessKey: 'AKIAIOSFODNN7EXAMPLE' })
    await requireTerms(database.db, owner, PLATFORMS)
    await expect(requireTerms(database.db, other, PLATFORMS)).rejects.toMatchObject({ code: 'not-allowed' })
  })

  it('are told of to their owner alone: where they are missing, and where files of the host lie', async () => {
    const settings = { ...readSettings({ sandbox: false }, {}), credentials: folder }
    const { facts } = await openEngines(database.db, [engine], owner, settings)
    for (const sharing of [true, false]) {
      const none = openAccess({
        ...{ db: database.db, log: () => undefined, facts, masterKey: MASTER, owner, sandbox: false, folder },
        ...{ engines: new Map([['aws', engine]]), catalogFolder: CATALOG_FOLDER, shared: sharing },
        watch: async () => undefined,
      })
      const other = await account()
      expect((await none.factsFor(owner))[0]?.cloudAccount).toMatchObject({
        reason: expect.stringContaining('AWS_ACCESS_KEY_ID'),
      })
      const told = [(await none.factsFor(other))[0]?.cloudAccount, await doorOf(other, PLATFORMS, none)]
      expect(told[0]).toMatchObject({ ok: false, hint: './pipi account credentials set aws' })
      expect(JSON.stringify(told)).not.toMatch(/AWS_|environment|platform is started/)
      const file = await fileOf(nameOf(), { ...setOf(PLATFORMS), AWS_SECRET_ACCESS_KEY_FILE: '../../nowhere/key' })
      const both = JSON.stringify([await none.factsFor(other), await doorOf(other, PLATFORMS, none)])
      await chmod(file, 0o644)
      const open = JSON.stringify([await none.factsFor(other), await doorOf(other, PLATFORMS, none)])
      expect(both).toContain('AWS_SECRET_ACCESS_KEY')
      expect(open).toContain('aws.env has the mode 0644')
      for (const text of [both, open]) expect(text).not.toContain(dirname(folder))
    }
  })

  it('are asked about when they become others, and nothing is deployed with them before', async () => {
    await access.refresh()
    await confirm({ id: PLATFORMS })
    expect(opened(await doorOf(owner, PLATFORMS))).toMatchObject({ accessKey: 'AKIAIOSFODNN7EXAMPLE' })
    // As when they were changed in the environment.
    await database.db.query(`update pipi.claims set digest = 'x', content = 'x' where not own`)
    expect(await doorOf(owner, PLATFORMS)).toMatchObject({ wait: expect.stringContaining('still of 412908557311') })
    const [watch] = await database.db.query(
      `select due_at <= pipi.ledger_now() as due, asked from pipi.watches where cloud_account = $1 and kind = 'check'`,
      [PLATFORMS],
    )
    expect(watch).toEqual({ due: true, asked: true })
    await confirm({ id: PLATFORMS })
    expect(opened(await doorOf(owner, PLATFORMS))).toMatchObject({ accessKey: 'AKIAIOSFODNN7EXAMPLE' })
  })

  it('are what its watches look with, also when others brought some for the same cloud account', async () => {
    await access.refresh()
    await database.db.query(`update pipi.watches set due_at = pipi.ledger_now() where cloud_account = $1`, [PLATFORMS])
    expect(await truth.takeWatch('aws-1', ['usage'])).toMatchObject({
      cloudAccount: { id: PLATFORMS },
      credentials: { accessKey: 'AKIAIOSFODNN7EXAMPLE' },
    })
  })
})

describe('an account’s own credentials', () => {
  it('lie sealed, are listed by name, and are said to nobody', async () => {
    const mine = await account()
    const items = await keeper().set({ account: mine, engine: 'aws', values: setOf('100000000001'), by: 't1' })
    expect(items.map(({ name }) => name)).toEqual(Object.keys(setOf('')).sort())
    await access.factsFor(mine)
    const rows = await database.db.query(
      `select (select jsonb_agg(c) from pipi.credentials c)::text || (select jsonb_agg(k) from pipi.claims k)::text || (select jsonb_agg(j) from pipi.journal j)::text as all`,
    )
    const text = JSON.stringify([rows, items, await access.factsFor(mine), await doorOf(mine, '100000000001')])
    expect(text).toContain('credentials.set')
    for (const form of [SECRET, Buffer.from(SECRET).toString('hex')]) expect(text).not.toContain(form)
    await keeper().remove({ account: mine, engine: 'aws', by: 't1' })
    expect(await keeper().list({ account: mine, engine: 'aws' })).toEqual([])
    expect(await doorOf(mine, '100000000001')).toMatchObject({ open: false })
  })

  it.each([
    ['a part of what is needed', { AWS_SECRET_ACCESS_KEY: '' }, /AWS_SECRET_ACCESS_KEY/],
    ['no word of whose they are', { PIPI_AWS_ACCOUNT: '' }, /PIPI_AWS_ACCOUNT/],
    ['the path of a file of the host', { AWS_ACCESS_KEY_ID_FILE: '/etc/passwd' }, /takes no AWS_ACCESS_KEY_ID_FILE/],
    ['two ways at once', { AWS_ROLE_ARN: 'x', AWS_WEB_IDENTITY_TOKEN: 'y' }, /both there/],
    ['a plan that there is none of', { PIPI_AWS_PLAN: 'all-free' }, /no plan of/],
  ])('are refused with %s', async (_, change, why) => {
    const values = Object.fromEntries(
      Object.entries({ ...setOf('100000000001'), ...change }).filter(([, value]) => value !== ''),
    )
    const set = keeper().set({ account: await account(), engine: 'aws', values, by: 't1' })
    await expect(set).rejects.toMatchObject({ code: 'input.invalid', message: expect.stringMatching(why) })
  })

  it('are spoken of by the account itself and by the platform’s owner', async () => {
    const mine = await account()
    const other = await openAccount(database.db, 'other')
    expect(await accountKeeper(database.db, owner).whose(mine)).toBe(mine)
    expect(await accountKeeper(database.db, owner).whose(owner, 'other')).toBe(other.id)
    await expect(accountKeeper(database.db, owner).whose(mine, 'other')).rejects.toMatchObject({ code: 'not-allowed' })
    await expect(accountKeeper(database.db, owner).whose(owner, 'nobody')).rejects.toMatchObject({ code: 'not-found' })
  })

  it('let it in once the platform has confirmed whose they are, and into that cloud account alone', async () => {
    const mine = await account()
    await fileOf(nameOf(), setOf('100000000002'))
    expect(await stateOf(mine)).toMatchObject({ ok: false, reason: expect.stringContaining('has not confirmed yet') })
    expect(await doorOf(mine, '100000000002')).toMatchObject({ open: false, wait: expect.any(String) })
    expect(await confirm({ id: '100000000002' })).toMatchObject({
      accessKey: 'AKIA0000000000000001',
      secretKey: SECRET,
    })
    expect(await stateOf(mine)).toMatchObject({ ok: true, id: '100000000002' })
    expect(opened(await doorOf(mine, '100000000002'))).toEqual({ accessKey: 'AKIA0000000000000001', secretKey: SECRET })
    expect(await doorOf(mine, PLATFORMS)).toMatchObject({ open: false })
    const [seen] = await listCloudAccounts(database.db, mine)
    expect(seen).toMatchObject({ id: '100000000002', plan: 'free-plan', armed: true })
    const limits = await database.db.query('select from pipi.meters where cloud_account = $1', ['100000000002'])
    expect(limits.length).toBeGreaterThan(0)
  })

  it('let it in where the platform itself has none', async () => {
    const { db } = database
    const settings = { ...readSettings({ sandbox: false }, {}), credentials: folder }
    const { facts, runnable } = await openEngines(db, [engine], owner, settings)
    expect(facts[0]?.cloudAccount).toMatchObject({ ok: false, reason: expect.stringContaining('AWS_ACCESS_KEY_ID') })
    expect(runnable.get('aws')?.account).toBeUndefined()
    const alone = openAccess({
      ...{ db, log: () => undefined, facts, masterKey: MASTER, owner, sandbox: false, folder, shared: true },
      ...{ engines: new Map([['aws', engine]]), catalogFolder: CATALOG_FOLDER },
      watch: (one: Engine, id: string) => openWatchesAt(db, one, id, settings.watchEvery),
    })
    const mine = await account()
    await fileOf(nameOf(), setOf('100000000007'))
    await alone.factsFor(mine)
    await confirm({ id: '100000000007' })
    expect((await alone.factsFor(mine))[0]?.cloudAccount).toMatchObject({ ok: true, id: '100000000007' })
    expect(opened(await doorOf(mine, '100000000007', alone))).toMatchObject({ accessKey: 'AKIA0000000000000001' })
    expect((await alone.factsFor(owner))[0]?.cloudAccount).toMatchObject({ ok: false })
    expect(await doorOf(owner, PLATFORMS, alone)).toMatchObject({ open: false, refusal: { code: 'not-allowed' } })
  })

  it('that are of another cloud account than claimed are not armed, and nothing is done with them anywhere', async () => {
    const mine = await account()
    await fileOf(nameOf(), setOf(PLATFORMS))
    expect(await stateOf(mine)).toMatchObject({ ok: false })
    await confirm({ id: '100000000003' })
    expect(await access.admit()).toBe(false)
    const wrong = 'the credentials are of account "100000000003", claimed is "412908557311"'
    expect(await stateOf(mine)).toMatchObject({ ok: false, reason: wrong })
    expect(await doorOf(mine, PLATFORMS)).toMatchObject({
      open: false,
      refusal: { code: 'account.mismatch', message: expect.stringContaining(wrong) },
    })
    expect(await listCloudAccounts(database.db, mine)).toEqual([])
    // Whose it really is notices nothing.
    expect(opened(await doorOf(owner, PLATFORMS))).toMatchObject({ accessKey: 'AKIAIOSFODNN7EXAMPLE' })
    expect((await listCloudAccounts(database.db, owner))[0]?.armed).not.toBe(false)
  })

  it('share a cloud account where the platform says that it is one and the same, on the terms that it has', async () => {
    const [one, name] = [await account(), nameOf()]
    await fileOf(name, setOf('100000000004', 1))
    const other = await account()
    await fileOf(nameOf(), { ...setOf('100000000004', 2), PIPI_AWS_CONSENT_WATCHED: 'yes' })
    await access.refresh()
    await confirm({ id: '100000000004' })
    await confirm({ id: '100000000004' })
    await access.admit()
    const all = await database.db.query('select consent_watched from pipi.cloud_accounts where id = $1', [
      '100000000004',
    ])
    expect(all).toHaveLength(1)
    for (const [of, key] of [
      [one, 1],
      [other, 2],
    ] as const) {
      expect(await stateOf(of)).toMatchObject({ ok: true, id: '100000000004' })
      expect(opened(await doorOf(of, '100000000004'))).toMatchObject({ accessKey: `AKIA000000000000000${key}` })
    }
    await requireTerms(database.db, one, '100000000004')
    await expect(requireTerms(database.db, other, '100000000004')).rejects.toMatchObject({ code: 'not-allowed' })
    // Another plan would be other limits for both.
    const third = await account()
    await fileOf(nameOf(), { ...setOf('100000000004', 3), PIPI_AWS_PLAN: 'paid-plan' })
    await access.refresh()
    await confirm({ id: '100000000004', plan: 'paid-plan' })
    await access.admit()
    expect(await stateOf(third)).toMatchObject({
      ok: false,
      reason: expect.stringContaining('is on the plan "free-plan"'),
    })
  })

  it('that cannot be used are never made good by the platform’s', async () => {
    const file = await fileOf('owner', setOf(PLATFORMS))
    await chmod(file, 0o644)
    expect(await stateOf(owner)).toMatchObject({ ok: false, reason: expect.stringContaining('others may read it') })
    await chmod(file, 0o600)
    await writeFile(file, 'AWS_ACCESS_KEY_ID=AKIA1\nAWS_SECRET_ACCESS_KEY=canary#canary\n')
    const cut = await stateOf(owner)
    expect(cut).toMatchObject({ ok: false, reason: expect.stringContaining('line 2 (AWS_SECRET_ACCESS_KEY)') })
    expect(JSON.stringify(cut)).not.toContain('canary')
    expect(await doorOf(owner, PLATFORMS)).toMatchObject({ open: false, refusal: { code: 'not-allowed' } })
    const mine = await account()
    await fileOf(nameOf(), { AWS_ACCESS_KEY_ID: 'AKIA0000000000000001' })
    expect((await shared.factsFor(mine))[0]?.cloudAccount).toMatchObject({ ok: false })
    expect(await doorOf(mine, PLATFORMS, shared)).toMatchObject({ open: false, refusal: { code: 'not-allowed' } })
  })

  it('that the platform disowns for another reason than whose they are still suspend and watch', async () => {
    const mine = await account()
    await fileOf(nameOf(), setOf('100000000010'))
    await access.factsFor(mine)
    await confirm({ id: '100000000010' })
    await access.admit()
    const again = async (check: { id: string; plan?: string }) => {
      await requestClaim(database.db, mine, 'aws')
      await confirm(check)
    }
    const watch = async () => {
      await database.db.query(
        `update pipi.watches set taken_by = null, taken_until = null, due_at = case when cloud_account = '100000000010' then pipi.ledger_now() - interval '1 hour' else pipi.ledger_now() end where kind = 'usage'`,
      )
      return truth.takeWatch('aws-1', ['usage'])
    }
    // Just when something begins to burn: from a free plan to one that is paid.
    await again({ id: '100000000010', plan: 'paid-plan' })
    expect(await doorOf(mine, '100000000010')).toMatchObject({ refusal: { code: 'account.mismatch' } })
    expect(opened(await doorOf(mine, '100000000010', access, 'suspend'))).toMatchObject({ secretKey: SECRET })
    expect(await watch()).toMatchObject({ cloudAccount: { id: '100000000010' }, credentials: { secretKey: SECRET } })
    // Of another account nothing is done with them, and nothing is seen.
    await again({ id: '100000000011' })
    expect(await doorOf(mine, '100000000010', access, 'suspend')).toMatchObject({
      refusal: { code: 'account.mismatch' },
    })
    const blind = await watch()
    expect(blind).toMatchObject({ cloudAccount: { id: '100000000010' } })
    expect(blind?.credentials).toBeUndefined()
  })

  it('that cannot be read or opened stop nobody else', async () => {
    const [broken, name] = [await account(), nameOf()]
    // No folder can be read by this name, whoever looks.
    await symlink(join(folder, name), join(folder, name))
    const sealed = await account()
    await keeper().set({ account: sealed, engine: 'aws', values: setOf('100000000008'), by: 't1' })
    await database.db.query(`update pipi.credentials set sealed = 'x' where account = $1`, [sealed])
    const mine = await account()
    await fileOf(nameOf(), setOf('100000000009'))
    expect(await access.refresh()).toBe(false)
    expect(await stateOf(broken)).toMatchObject({ ok: false, reason: expect.stringContaining('cannot be looked into') })
    expect(await stateOf(sealed)).toMatchObject({ ok: false, reason: expect.stringContaining('cannot be opened') })
    expect(await doorOf(sealed, PLATFORMS, shared)).toMatchObject({ open: false, refusal: { code: 'not-allowed' } })
    await confirm({ id: '100000000009' })
    expect(await access.refresh()).toBe(true)
    expect(await stateOf(mine)).toMatchObject({ ok: true, id: '100000000009' })
  })

  it('that cannot be let in keep no other out', async () => {
    const [one, name] = [await account(), nameOf()]
    await fileOf(name, setOf('100000000012'))
    const two = await account()
    await fileOf(nameOf(), setOf('100000000013', 2))
    await access.refresh()
    await confirm({ id: '100000000012' })
    await confirm({ id: '100000000013' })
    await database.db.query(
      `create function pipi.barred() returns trigger language plpgsql as $$ begin raise exception 'barred'; end $$;
       create trigger barred before insert on pipi.cloud_accounts for each row when (new.id = '100000000012') execute function pipi.barred()`,
    )
    onTestFinished(() => database.db.query('drop function pipi.barred cascade').then(() => undefined))
    await access.admit()
    expect(await listCloudAccounts(database.db, one)).toEqual([])
    expect(await stateOf(two)).toMatchObject({ ok: true, id: '100000000013' })
  })

  it('are not asked for where nobody has to be let in, whatever cannot be read', async () => {
    const settings = { ...readSettings({ sandbox: false }, {}), credentials: folder }
    await symlink(join(folder, 'owner'), join(folder, 'owner'))
    const here = await loadEngine('pip')
    const { facts } = await openEngines(database.db, [here], owner, settings)
    const alone = openAccess({
      ...{ db: database.db, log: () => undefined, facts, masterKey: MASTER, owner, sandbox: false, folder },
      ...{ engines: new Map([['pip', here]]), catalogFolder: CATALOG_FOLDER, shared: false },
      watch: async () => undefined,
    })
    expect((await alone.factsFor(owner))[0]?.cloudAccount).toMatchObject({ ok: true })
    const [told] = await alone.factsFor(await account())
    expect(told?.cloudAccount).toMatchObject({ ok: false, hint: 'ask the owner of the platform' })
  })

  it('that were rotated hold at the next deployment: a key once it is confirmed, a short-lived token at once', async () => {
    const mine = await account()
    await fileOf(nameOf(), setOf('100000000005', 1))
    await access.factsFor(mine)
    await confirm({ id: '100000000005' })
    await access.factsFor(mine)
    await fileOf(nameOf(), setOf('100000000005', 2))
    expect(await doorOf(mine, '100000000005')).toMatchObject({ open: false, wait: expect.any(String) })
    await confirm({ id: '100000000005' })
    expect(opened(await doorOf(mine, '100000000005'))).toMatchObject({ accessKey: 'AKIA0000000000000002' })

    const token = join(folder, 'token')
    await writeFile(token, 'first')
    await fileOf(nameOf(), {
      AWS_ROLE_ARN: 'arn:aws:iam::100000000005:role/pipi',
      AWS_WEB_IDENTITY_TOKEN_FILE: '../token',
      PIPI_AWS_ACCOUNT: '100000000005',
      PIPI_AWS_PLAN: 'free-plan',
    })
    await access.factsFor(mine)
    expect(await confirm({ id: '100000000005' })).toMatchObject({ webIdentityToken: 'first' })
    expect(opened(await doorOf(mine, '100000000005'))).toMatchObject({ webIdentityToken: 'first' })
    // While it is written anew it is not there: that passes, and nothing has to be confirmed again.
    await rm(token)
    expect(await doorOf(mine, '100000000005')).toMatchObject({ wait: expect.stringContaining('cannot be read') })
    await access.refresh()
    await writeFile(token, 'second')
    expect(opened(await doorOf(mine, '100000000005'))).toMatchObject({ webIdentityToken: 'second' })
  })

  it('are asked about again after the platform was away, and waited for meanwhile', async () => {
    const mine = await account()
    await fileOf(nameOf(), setOf('100000000006'))
    await access.factsFor(mine)
    const watch = await truth.takeWatch('aws-1', ['check'])
    if (watch?.claim === undefined) throw new Error('there is nothing to confirm')
    await truth.reportWatch(watch, { ok: false, code: 'provider.failed', message: 'AWS is away' })
    expect(await doorOf(mine, '100000000006')).toMatchObject({ wait: expect.stringContaining('AWS is away') })
    const [row] = await database.db.query(
      'select due_at > pipi.ledger_now() as later from pipi.claims where account = $1',
      [mine],
    )
    expect(row).toEqual({ later: true })
    // What another clone says of what was given before is dropped.
    await expect(
      truth.reportWatch(watch, { ok: true, kind: 'check', check: { id: '100000000006', findings: [] } }),
    ).rejects.toMatchObject({ code: 'lease.lost' })
  })
})
