import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openStore } from '../../../../platform/store/open.ts'
import { drainClone, listClones } from '../../../../platform/store/stock.ts'
import { story } from '../../../../platform/store/story.ts'
import { putUpload } from '../../../../platform/store/upload.ts'
import { openTestTruth } from '../../../helpers/truth.ts'
import { openStage, type Stage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.database.drop())

it('keeps a story in its order, also with what jsonb cannot hold', async () => {
  const { engine, taken, close } = await stage.open()
  const truth = engine('a')
  const order = await taken(truth)
  await truth.tell(order, [
    { phase: 'building', level: 'info', text: 'one\u0000' },
    { phase: 'building', level: 'warn', text: 'two', data: { n: 1 } },
  ])
  await truth.tell(order, [{ phase: 'applying', level: 'info', text: 'three' }])
  const lines = await story(stage.database.db, { account: order.account, deployment: order.deployment, after: 0 })
  expect(lines.map((line) => line.text)).toEqual(['one\ufffd', 'two', 'three'])
  expect(await story(stage.database.db, { account: order.account, after: lines[1]?.seq ?? 0 })).toMatchObject([
    { text: 'three' },
  ])
  await close()
})

it('gives an engine the uploaded source of its order, and no other', async () => {
  const { engine, taken, account, close } = await stage.open()
  const bytes = Buffer.from(`source ${account}`)
  const digest = createHash('sha256').update(bytes).digest('hex')
  await putUpload(stage.database.db, account, digest, bytes)
  const truth = engine('a')
  const order = await taken(truth, { source: { kind: 'upload', digest } })
  expect(Buffer.from(await truth.upload(order, digest))).toEqual(bytes)
  await expect(truth.upload(order, 'b'.repeat(64))).rejects.toMatchObject({ code: 'not-allowed' })
  await close()
})

it('hears of a clone by its beats, and tells it to drain', async () => {
  const { engine, close } = await stage.open()
  const truth = engine('c')
  const beat = { clone: 'c', engine: 'aws', host: 'h', pid: 1, state: 'idle' as const, running: [], capacity: 2 }
  expect(await truth.beat(beat)).toBe('work')
  await drainClone(stage.database.db, 'c')
  expect(await truth.beat({ ...beat, state: 'busy', running: ['d1'] })).toBe('drain')
  expect(await listClones(stage.database.db)).toMatchObject([
    { clone: 'c', state: 'busy', running: ['d1'], drain: true },
  ])
  await expect(truth.beat({ ...beat, engine: 'dgo' })).rejects.toMatchObject({ code: 'not-allowed' })
  await close()
})

it("an engine's role reads no table, calls no other function, makes no table but its own", async () => {
  const { access, close } = await stage.open()
  const role = openStore(access.url)
  const denied = /permission denied/
  for (const table of ['deployments', 'meters', 'holdings', 'journal', 'engine_roles', 'tokens', 'uploads']) {
    await expect(role.query(`select * from pipi.${table}`)).rejects.toThrow(denied)
  }
  await expect(role.query(`select pipi.take_over()`)).rejects.toThrow(denied)
  await expect(role.query(`create table public.mine (x int)`)).rejects.toThrow(denied)
  await expect(role.query(`create temporary table mine (x int)`)).rejects.toThrow(denied)
  await expect(role.query(`set role pipi`)).rejects.toThrow(denied)
  await expect(role.query(`select pg_read_file('/etc/passwd')`)).rejects.toThrow(denied)
  const other = await openTestTruth(stage.database.db, [], { engine: 'dgo' })
  await expect(role.query('select * from pulumi_dgo.dgo_state')).rejects.toThrow(denied)
  await role.close()
  await other.close()
  await close()
})
