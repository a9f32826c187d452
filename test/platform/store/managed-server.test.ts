import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { engineAccess } from '../../../platform/store/engine-access.ts'
import { migrate } from '../../../platform/store/migrate.ts'
import { type Database, openStore } from '../../../platform/store/open.ts'
import { quota } from '../../../platform/store/quota.ts'
import { stateUrl } from '../../../platform/store/state-url.ts'
import { openTestTruth } from '../../helpers/truth.ts'

/** As a managed service gives it: a database of our own, a role that may make roles, and no superuser. */
const name = `t_${randomBytes(6).toString('hex')}`
let admin: Database
let db: Database

beforeAll(async () => {
  admin = openStore(inject('postgresUrl'), { connections: 1 })
  await admin.query(`create role ${name}_manager login createrole password 'managed'`)
  await admin.query(`create database ${name} owner ${name}_manager`)
  const url = new URL(inject('postgresUrl'))
  Object.assign(url, { username: `${name}_manager`, password: 'managed', pathname: `/${name}` })
  db = openStore(url.href)
})

afterAll(async () => {
  await db.close()
  await admin.query(`drop database ${name} with (force)`)
  for (const role of [`${name}_engine_aws`, `${name}_manager`]) await admin.query(`drop role if exists ${role}`)
  await admin.close()
})

it('works on a managed server, without a superuser, at every start', async () => {
  await migrate(db)
  expect(await engineAccess(db, 'aws')).toEqual(await engineAccess(db, 'aws'))
  const world = await openTestTruth(db, [{ meter: 'm', scope: '', unit: 'u', period: 'concurrent', limit: 1 }])
  const truth = world.engine('a')
  const order = await world.taken(truth)
  const line = {
    urn: 'u',
    type: 't',
    amounts: [{ meter: 'm', scope: '', amount: 1, bound: 'proven' as const, because: '' }],
  }
  expect(await truth.reserve(order, [line])).toEqual({ ok: true })
  const role = openStore(stateUrl(world.access.url, world.access.stateTable, order.token).replace(/table=[^&]*&/, ''), {
    connections: 1,
  })
  // What the CLI does at its every start, as the owner of its table.
  await role.query(
    'create table if not exists aws_state (key text primary key, data json not null, updated_at timestamptz not null default now())',
  )
  await role.query('create index if not exists aws_state_key_prefix_idx on aws_state (key text_pattern_ops)')
  await role.query(`insert into aws_state (key, data) values ($1, '{}')`, [
    `x/.pulumi/stacks/pipi/${order.workspace.id}.json`,
  ])
  for (const status of ['planning', 'reserving', 'applying'] as const) await truth.advance(order, status)
  await truth.settle(order, { status: 'succeeded', resources: [{ ...line, id: 'i' }] })
  const destroy = await world.taken(truth, { kind: 'destroy', workspaceName: order.workspace.name })
  for (const status of ['planning', 'reserving', 'applying'] as const) await truth.advance(destroy, status)
  await truth.settle(destroy, { status: 'succeeded', resources: [] })
  expect(await role.query('select key from aws_state')).toEqual([
    { key: expect.stringMatching(/\/\.pulumi\/stacks\/pipi\/w[0-9a-z]{20}\.json$/) },
  ])
  expect(await quota(db, world.account)).toMatchObject([{ held: 0 }])
  await role.close()
  await world.close()
})
