import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadEngine } from '../../../engines/scan.ts'
import type { Birth } from '../../../factory/contract/stem-cell.ts'
import type { EngineTruth } from '../../../factory/contract/truth.ts'
import { carryOut } from '../../../factory/stem-cell/carry-out.ts'
import { readDeployment } from '../../../platform/store/get-deployment.ts'
import { takeOver } from '../../../platform/store/take-over.ts'
import { type TestDatabase, testDatabase } from '../../helpers/postgres.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { openTestTruth, type TestTruth } from '../../helpers/truth.ts'
import { waitFor } from '../../helpers/wait-for.ts'

const never = () => new Promise<never>(() => undefined)

describe('a step that hangs, in a clone that has lost its lease', () => {
  let database: TestDatabase
  let world: TestTruth
  let pool: pg.Pool
  let birth: Birth
  let truth: EngineTruth
  let folder: string
  beforeAll(async () => {
    database = await testDatabase()
    world = await openTestTruth(database.db, [])
    pool = new pg.Pool({ connectionString: world.access.url, max: 1 })
    truth = world.engine('aws-1')
    folder = await tempFolder()
    birth = {
      clone: 'aws-1',
      host: 'here',
      engine: await loadEngine('aws'),
      truth,
      jobs: { start: never },
      capacity: 1,
      folder,
      artifacts: join(folder, 'artifacts'),
      pulumi: { path: '/nowhere/pulumi', version: '3.258.0' },
      stateUrl: () => 'file:///nowhere',
      statePool: { query: async (text, values) => ({ rows: (await pool.query(text, values)).rows }) },
      stateTable: world.access.stateTable,
      upstreams: {},
      platformApi: undefined,
      companion: undefined,
      credentials: { token: 'a token of nobody' },
      log: () => undefined,
    }
  })
  afterAll(async () => {
    await pool.end()
    await world.close()
    await database.drop()
  })

  /** The build asks for the uploaded source, and gets no answer. */
  const hanging = (more: Partial<EngineTruth> = {}): Birth => ({
    ...birth,
    truth: { ...truth, upload: never, ...more },
  })
  const carry = (deployment: string, given: Birth) =>
    carryOut(deployment, { birth: given, upstreams: {}, stop: new AbortController().signal })
  async function building(deployment: string): Promise<void> {
    await waitFor('the build', async () => {
      const { status } = await readDeployment(database.db, world.account, deployment)
      return status === 'building'
    })
  }

  it('is left behind when its time is up, and takes nothing from whoever goes on', async () => {
    const { id } = await world.assigned({ kind: 'preview' })
    const first = carry(id, hanging())
    await building(id)
    await mkdir(join(folder, 'deployments'), { recursive: true })
    await database.db.query('update pipi.deployments set deadline_at = now() where id = $1', [id])
    expect(await takeOver(database.db)).toMatchObject([{ id, became: 'accepted' }])
    const order = await truth.take(id)
    const next = join(folder, 'deployments', `${id}-${order?.token}`)
    await mkdir(next, { recursive: true })
    await first
    expect(existsSync(next)).toBe(true)
    if (order !== null) await truth.settle(order, { status: 'failed', resources: null })
  })

  it('is left behind before the lease ends when the database gives no answer, and nothing is written', async () => {
    const { id } = await world.assigned({ kind: 'preview' })
    let held: boolean | undefined
    const done = carry(id, hanging({ renew: never })).then(async () => {
      const [lease] = await database.db.query<{ held: boolean }>(
        'select expires_at > clock_timestamp() as held from pipi.leases where deployment = $1',
        [id],
      )
      held = lease?.held
    })
    await building(id)
    await done
    expect(held).toBe(true)
    expect(await readDeployment(database.db, world.account, id)).toMatchObject({ status: 'building' })
  })
})
