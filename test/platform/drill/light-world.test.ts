import providerProto from '@pulumi/pulumi/proto/provider_pb.js'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { configurationOf } from '../../../factory/stem-cell/configuration.ts'
import { Artifacts } from '../../../platform/drill/light/artifacts.ts'
import { carryOut, type Ended } from '../../../platform/drill/light/carry-out.ts'
import { type LightWorld, openLightWorld, simulatedEngines } from '../../../platform/drill/light/light-world.ts'
import { audit } from '../../../platform/drill/parts/audit.ts'
import { manifestOf } from '../../../platform/drill/quarter/asked.ts'
import { Witness } from '../../../platform/drill/quarter/witness.ts'
import { accept } from '../../../platform/store/accept.ts'
import { assign } from '../../../platform/store/assign.ts'
import { toStruct } from '../../../stacks/wire/values.ts'
import { type TestDatabase, testDatabase } from '../../helpers/postgres.ts'
import { tempFolder } from '../../helpers/temp.ts'

const APP = 'digitalocean:index/app:App'
const SIZE = { requests: 1_000, egressMb: 1, memoryMb: 128 }

let database: TestDatabase
let world: LightWorld
let team: string

beforeAll(async () => {
  database = await testDatabase()
  const folder = await tempFolder('drill')
  const engines = (await simulatedEngines()).filter(({ dna }) => dna.code === 'dgo')
  world = await openLightWorld({
    folder,
    databaseUrl: database.url,
    places: engines.map((engine) => ({ engine, accounts: 2 })),
    artifacts: await Artifacts.make(folder),
    seed: 'test',
    log: () => undefined,
  })
  team = [...world.births.keys()][0] as string
})
afterAll(async () => {
  await world.close()
  await database.drop()
})

async function ask(kind: 'deploy' | 'destroy', name: string, version = 0): Promise<Ended | undefined> {
  const birth = world.births.get(team)
  const [source] = world.artifacts.sources
  if (birth === undefined || source === undefined) throw new Error('no world')
  const { deployment } = await accept(world.db, {
    account: world.owner,
    kind,
    workspaceName: name,
    ...(kind === 'destroy' ? {} : { manifest: manifestOf({ name, kind: 'site' }, SIZE, version), source }),
    engine: birth.engine.dna.code,
    region: 'fra',
    cloudAccount: team,
  })
  await assign(world.db, deployment.id)
  return carryOut(deployment.id, birth, world)
}

it('has cloud accounts of their own behind each set of credentials', () => {
  expect(new Set(world.births.keys()).size).toBe(2)
})

it('lives by the real ledger and guard: up to the limit, not beyond, and all of it comes back', async () => {
  for (const name of ['one', 'two', 'three']) expect(await ask('deploy', name)).toMatchObject({ status: 'succeeded' })
  expect(await ask('deploy', 'four')).toMatchObject({
    status: 'refused',
    refusal: { code: 'lock.over-limit', meter: 'do-static-sites.apps' },
  })
  expect(await ask('deploy', 'two', 1)).toMatchObject({ status: 'succeeded' })
  expect(await audit(database.url)).toEqual({ lost: [], doubled: [], orphans: [], leaked: [] })
  for (const name of ['one', 'two', 'three']) expect(await ask('destroy', name)).toMatchObject({ status: 'succeeded' })
  const { resources } = (await world.ask('GET', '/inventory')) as { resources: unknown[] }
  expect(resources).toEqual([])
  const [held] = await world.db.query('select sum(held)::float8 as n from pipi.meters')
  expect(held).toEqual({ n: 0 })
})

it('has a witness who is awake, and an auditor: what goes around the lock is billed, and found', async () => {
  const birth = world.births.get(team)
  const [source] = world.artifacts.sources
  if (birth === undefined) throw new Error('no world')
  const witness = new Witness(world)
  await witness.look()
  expect(witness.most).toBe(0)
  for (const at of [1, 2, 3, 4]) {
    const site = { name: 'site', git: { repoCloneUrl: source?.url, branch: source?.ref }, outputDir: '/' }
    const request = new providerProto.CreateRequest()
      .setUrn(`urn:pulumi:nobody::nothing::${APP}::stray-${at}`)
      .setType(APP)
      .setName(`stray-${at}`)
      .setProperties(toStruct({ spec: { name: `stray-${at}`, region: 'fra', staticSites: [site] } }))
    const configuration = configurationOf(birth, { region: 'fra', cloudAccount: team })
    await world.providers.call('digitalocean', configuration, 'create', request)
  }
  await witness.look()
  expect(witness.most).toBeGreaterThan(0)
  expect(witness.charges).toMatchObject([{ engine: 'dgo', cloudAccount: team }])
  // The whole bill says the same as the running one.
  expect(await witness.wholeBill()).toBe(witness.most)
  expect((await audit(database.url)).orphans).toHaveLength(4)
})

it('goes on billing over the end of the month, by the hour', async () => {
  const witness = new Witness(world)
  await witness.look()
  for (const _week of [1, 2, 3, 4, 5]) await world.forward(7 * 86_400_000)
  await witness.look()
  const months = new Set(witness.charges.map(({ at }) => at.slice(0, 7)))
  expect(months.size).toBe(2)
  const [ledger] = await world.db.query<{ day: string }>("select to_char(pipi.ledger_now(), 'YYYY-MM') as day")
  expect([...months].at(-1)).toBe(ledger?.day)
})
