import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { intake } from '../../../platform/commander/intake.ts'
import { getRequest } from '../../../platform/store/get-deployment.ts'
import { listReleases } from '../../../platform/store/releases.ts'
import { type TestDatabase, testDatabase } from '../../helpers/postgres.ts'
import { MANIFEST, openStage, type Stage } from './stage.ts'

let database: TestDatabase
let stage: Stage
beforeAll(async () => {
  database = await testDatabase()
  stage = await openStage(database.db)
})
afterAll(() => database.drop())

describe('a rollback', () => {
  /** Deploys a title, as its engine would have ended it. */
  async function deployed(name: string, title: string, status = 'succeeded', over: object = {}): Promise<number> {
    const text = `${MANIFEST.replace('good', name)}title: ${title}\n`
    const { id, number } = await intake(stage.context, stage.request({ manifest: text, ...over }))
    await ended(id, status)
    return number
  }
  async function ended(id: string, status = 'succeeded'): Promise<void> {
    const { db } = database
    // Along the legal way.
    for (const to of status === 'succeeded' ? ['assigned', 'planning', 'reserving', 'applying'] : [])
      await db.query('update pipi.deployments set status = $2 where id = $1', [id, to])
    await db.query(`update pipi.deployments set status = $2, commit_sha = $3 where id = $1`, [
      id,
      status,
      `commit of ${id}`,
    ])
    if (status !== 'succeeded') return
    await db.query(
      `update pipi.workspaces w set live = true, engine = d.engine, region = d.region, cloud_account = d.cloud_account, manifest = d.manifest, source = d.source
       from pipi.deployments d where d.id = $1 and w.id = d.workspace`,
      [id],
    )
  }
  const back = (workspace: string, to?: number) =>
    intake(stage.context, {
      ...{ kind: 'rollback', workspace, account: stage.account, local: false, by: 'token' },
      ...(to === undefined ? {} : { to }),
    })
  const titleOf = async (id: string) => (await getRequest(database.db, id))?.manifest.title

  it('takes commit, configuration and place of the one before what stands', async () => {
    await deployed('twice', 'first')
    await deployed('twice', 'second', 'failed')
    await deployed('twice', 'third')
    const asked = await back('twice')
    expect(asked).toMatchObject({ kind: 'rollback', goesBackTo: 1, engine: 'abc', region: 'north' })
    expect(await titleOf(asked.id)).toBe('first')
  })

  it('goes one step further back when it is asked for again, and forth by the number', async () => {
    for (const title of ['one', 'two', 'three']) await deployed('steps', title)
    const first = await back('steps')
    await ended(first.id)
    expect(first.goesBackTo).toBe(2)
    const second = await back('steps')
    await ended(second.id)
    expect(second.goesBackTo).toBe(1)
    await expect(back('steps')).rejects.toMatchObject({
      code: 'conflict.state',
      hint: expect.stringContaining('1, 2, 3'),
    })
    const forth = await back('steps', 3)
    await ended(forth.id)
    expect(await titleOf(forth.id)).toBe('three')
    const history = await listReleases(database.db, forth.workspaceId)
    expect(history.map(({ number, goesBackTo, stands }) => [number, goesBackTo, stands])).toEqual([
      [6, 3, true],
      [5, 1, false],
      [4, 2, false],
      [3, undefined, false],
      [2, undefined, false],
      [1, undefined, false],
    ])
  })

  it('pins a git source to the commit that stood', async () => {
    const { db } = database
    const number = await deployed('git', 'first')
    await db.query('alter table pipi.deployments disable trigger deployment_before')
    await db.query(
      `update pipi.deployments d set source = '{"kind":"git","url":"https://x.example/y","ref":"main","path":".","local":false}'
       from pipi.workspaces w where w.id = d.workspace and w.name = 'git'`,
    )
    await db.query('alter table pipi.deployments enable trigger deployment_before')
    const asked = await back('git', number)
    expect((await getRequest(db, asked.id))?.source).toMatchObject({
      ref: 'main',
      commit: expect.stringMatching(/^commit of/),
    })
  })

  it.each([
    ['a number that there is none of', 99, 'not-found', /no deployment number 99/],
    ['what never stood', 2, 'conflict.state', /number 2 .* never stood: it is failed/],
    ['what stood elsewhere', 1, 'conflict.state', /stood on abc \(south\), and it stands on abc \(north\)/],
  ])('refuses %s, and names what it can go back to', async (_what, to, code, message) => {
    const name = `refused-${to}`
    await deployed(name, 'first', 'succeeded', { region: 'south' })
    await deployed(name, 'second', 'failed', { region: undefined })
    await database.db.query(`update pipi.workspaces set live = false where name = $1`, [name])
    await deployed(name, 'third', 'succeeded', { region: 'north' })
    await expect(back(name, to)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      hint: expect.stringContaining('it can go back to 3'),
    })
  })

  it('asks where to while a deployment is under way, and goes nowhere from nothing', async () => {
    await deployed('busy', 'first')
    await deployed('busy', 'second')
    const { id } = await intake(stage.context, stage.request({ manifest: MANIFEST.replace('good', 'busy') }))
    await expect(back('busy')).rejects.toMatchObject({ code: 'conflict.state', hint: expect.stringContaining(id) })
    expect(await back('busy', 1)).toMatchObject({ goesBackTo: 1 })
    await intake(stage.context, stage.request({ manifest: MANIFEST.replace('good', 'nowhere') }))
    await expect(back('nowhere')).rejects.toMatchObject({ code: 'conflict.state' })
  })

  it('refuses a source that was sent along and is not kept any more', async () => {
    await deployed('lost', 'first')
    await deployed('lost', 'second')
    await database.db.query('alter table pipi.deployments disable trigger deployment_before')
    await database.db.query(
      `update pipi.deployments d set source = jsonb_build_object('kind', 'upload', 'digest', repeat('0', 64)) from pipi.workspaces w where w.id = d.workspace and w.name = 'lost' and d.position = 1`,
    )
    await database.db.query('alter table pipi.deployments enable trigger deployment_before')
    await expect(back('lost')).rejects.toMatchObject({ problems: [{ path: 'source.digest' }] })
  })
})

describe('a domain', () => {
  const text = (name: string, domain: string) => `${MANIFEST.replace('good', name)}    domains: [${domain}]\n`
  const deploy = (name: string, domain: string, over: object = {}) =>
    intake(stage.context, stage.request({ manifest: text(name, domain), ...over }))

  it('is one workspace’s at a time, whoever asks, and free again with its holder', async () => {
    const first = await deploy('holder', 'lab.university.example')
    await expect(deploy('taker', 'lab.university.example')).rejects.toMatchObject({
      code: 'conflict.state',
      message: 'the domain "lab.university.example" is another workspace\'s',
    })
    await deploy('holder', 'lab.university.example')
    await database.db.query(`update pipi.deployments set status = 'cancelled' where workspace = $1`, [
      first.workspaceId,
    ])
    expect((await deploy('taker', 'lab.university.example')).status).toBe('accepted')
  })
})
