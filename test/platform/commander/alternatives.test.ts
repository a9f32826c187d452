import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Refusal } from '../../../factory/contract/truth.ts'
import { withAlternatives } from '../../../platform/commander/alternatives.ts'
import { intake } from '../../../platform/commander/intake.ts'
import { readManifest } from '../../../platform/commander/read-manifest.ts'
import { roomFrom } from '../../../platform/start/room.ts'
import { getDeployment } from '../../../platform/store/get-deployment.ts'
import { seedMeters } from '../../../platform/store/seed-meters.ts'
import { setSwitch } from '../../../platform/store/set-switch.ts'
import { type TestDatabase, testDatabase } from '../../helpers/postgres.ts'
import { MANIFEST, openStage, type Stage } from './stage.ts'

let database: TestDatabase
let stage: Stage
beforeAll(async () => {
  database = await testDatabase()
  stage = await openStage(database.db)
  stage.context = { ...stage.context, roomOf: (account) => roomFrom(database.db, account) }
  await seedMeters(database.db, 'abc-account', [
    { meter: 'disks.size', scope: '*', unit: 'GB', period: 'concurrent', limit: 30 },
    { meter: 'apps.count', scope: '', unit: 'app', period: 'concurrent', limit: 3 },
  ])
})
afterAll(() => database.drop())

let count = 0
/** A deployment that the lock has refused with these facts. */
async function refused(facts: Partial<Refusal>, text = MANIFEST) {
  const manifest = text.replace('good', `refused-${++count}`)
  const { id } = await intake(stage.context, stage.request({ manifest, engine: 'abc', region: 'north' }))
  const refusal = { code: 'lock.over-limit', resource: 'urn::web', message: 'no', hint: 'no', ...facts }
  await database.db.query(`select pipi.finish($1, 'refused', $2)`, [id, JSON.stringify({ refusal })])
  const deployment = await getDeployment(database.db, stage.account, id)
  if (!deployment) throw new Error('it vanished')
  return (await withAlternatives(stage.context, deployment)).refusal?.alternatives ?? []
}

describe('a refusal says what would be free instead', () => {
  it('another region, where the limit is counted per region and has room for all of it', async () => {
    const facts = { meter: 'disks.size', unit: 'GB', limit: 30, held: 25, asked: 20 }
    expect(await refused(facts)).toContainEqual({
      engine: 'abc',
      region: 'south',
      what: expect.stringContaining('--region south'),
    })
    await seedMeters(database.db, 'abc-account', [
      { meter: 'disks.size', scope: '*', unit: 'GB', period: 'concurrent', limit: 30 },
      { meter: 'disks.size', scope: 'south', unit: 'GB', period: 'concurrent', limit: 10 },
      { meter: 'apps.count', scope: '', unit: 'app', period: 'concurrent', limit: 3 },
    ])
    expect((await refused(facts)).filter((one) => one.region === 'south' && one.engine === 'abc')).toEqual([])
  })

  it('less of it, where part would fit, by the component that asked', async () => {
    const text = MANIFEST.replace('kind: site', 'kind: service')
    const facts = { meter: 'apps.memory', unit: 'GB', limit: 4, held: 3, asked: 2, resource: 'urn::web-vm' }
    expect(await refused(facts, text)).toContainEqual({
      engine: 'abc',
      what: expect.stringMatching(/up to 1 GB .*50 %.*memoryMb or expect of "web"/),
    })
    expect(await refused({ ...facts, held: 4 }, text)).not.toContainEqual(
      expect.objectContaining({ what: expect.stringContaining('would fit') }),
    )
  })

  it('another engine that carries all of it, but none that is shut', async () => {
    const facts = { meter: 'apps.count', unit: 'app', limit: 3, held: 3, asked: 1 }
    expect(await refused(facts)).toContainEqual({
      engine: 'xyz',
      region: 'north',
      what: expect.stringContaining('--engine xyz'),
    })
    await setSwitch(database.db, 'xyz-account', 'stopped', 'it burns', 'test')
    expect((await refused(facts)).map((one) => one.engine)).not.toContain('xyz')
    await expect(
      intake(stage.context, stage.request({ engine: 'auto', manifest: `${MANIFEST}placement: {exclude: [abc]}\n` })),
    ).rejects.toMatchObject({
      problems: expect.arrayContaining([{ path: 'xyz', message: 'its kill switch is stopped: it burns' }]),
    })
    await setSwitch(database.db, 'xyz-account', 'open', 'all is well', 'test')
  })
})

describe('room for components', () => {
  it('is what others of their kind took there before, not the meter that happens to be fullest', async () => {
    const { db } = database
    await db.query(
      `update pipi.meters set held = 3, standing = 3 where cloud_account = 'abc-account' and meter = 'apps.count'`,
    )
    const { manifest } = readManifest(MANIFEST)
    expect((await roomFrom(db, stage.account))('abc', manifest)).toMatchObject({ full: expect.any(String) })
    const { id } = await intake(stage.context, stage.request({ manifest: MANIFEST.replace('good', 'ran-before') }))
    const demand = [{ meter: 'disks.size', scope: 'north', amount: 6, bound: 'proven', because: '' }]
    const resources = [{ urn: 'urn:pulumi:x::y::t:i:T::web-disk', type: 't:i:T', id: '1', demand }]
    for (const status of ['assigned', 'building', 'planning', 'reserving', 'applying', 'verifying', 'succeeded']) {
      await db.query('update pipi.deployments set status = $2, resources = $3 where id = $1', [
        id,
        status,
        JSON.stringify(resources),
      ])
    }
    const room = (await roomFrom(db, stage.account))('abc', manifest)
    expect(room.full).toBeUndefined()
    expect(room.share).toBeCloseTo(4 / 10)

    // What asked for more took more, which proves nothing for who asks for less; who asks for more asks no less than that.
    const asking = (requests: number) => ({
      ...manifest,
      components: manifest.components.map((one) => ({ ...one, expect: { ...one.expect, requests } })),
    })
    const roomOf = await roomFrom(db, stage.account)
    expect(roomOf('abc', asking(1))).toMatchObject({ full: expect.stringContaining('apps.count is full') })
    expect(roomOf('abc', asking(1_000_000)).share).toBeCloseTo(4 / 10)
  })
})
