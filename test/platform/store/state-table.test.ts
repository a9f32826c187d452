import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Order } from '../../../factory/contract/truth.ts'
import { openStore } from '../../../platform/store/open.ts'
import { stateUrl } from '../../../platform/store/state-url.ts'
import { type TestDatabase, testDatabase } from '../../helpers/postgres.ts'
import { pulumiPath } from '../../helpers/pulumi.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { openTestTruth, type TestTruth } from '../../helpers/truth.ts'

let database: TestDatabase
let world: TestTruth
beforeAll(async () => {
  database = await testDatabase()
  world = await openTestTruth(database.db, [])
})
afterAll(async () => {
  await world.close()
  await database.drop()
})

/** The real CLI against an engine's state table, under a token or none. */
async function pulumi(token: number | undefined, ...args: string[]): Promise<string> {
  const folder = await tempFolder('pulumi')
  await mkdir(path.join(folder, 'home'))
  await writeFile(path.join(folder, 'Pulumi.yaml'), 'name: pipi\nruntime: yaml\n')
  const url = stateUrl(world.access.url, world.access.stateTable, token ?? 0).replace(
    /&options=.*$/,
    token === undefined ? '' : '$&',
  )
  const { stdout } = await promisify(execFile)(await pulumiPath(), [...args, '--non-interactive'], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      HOME: path.join(folder, 'home'),
      PULUMI_HOME: path.join(folder, 'home'),
      PULUMI_BACKEND_URL: url,
      PULUMI_CONFIG_PASSPHRASE: 'x',
      PULUMI_SKIP_UPDATE_CHECK: '1',
    },
  })
  return stdout
}

const keys = async (workspace: string): Promise<string[]> =>
  (
    await database.db.query<{ key: string }>(
      `select key from pulumi_aws.aws_state where key like '%' || $1 || '%' order by key`,
      [workspace],
    )
  ).map((row) => row.key)

/** A row as the CLI writes them, through the engine's role under a token. */
async function write(order: Order, key: string, token = order.token): Promise<void> {
  const role = openStore(stateUrl(world.access.url, world.access.stateTable, token).replace(/table=[^&]*&/, ''), {
    connections: 1,
  })
  try {
    await role.query(
      `insert into aws_state (key, data) values ($1, '{}') on conflict (key) do update set data = '{}'`,
      [key],
    )
  } finally {
    await role.close()
  }
}

describe('the state table', () => {
  it("takes the CLI's writes under the newest token, and refuses every older one and none", async () => {
    const truth = world.engine('a')
    const order = await world.taken(truth)
    await pulumi(order.token, 'stack', 'init', order.workspace.id)
    expect(await keys(order.workspace.id)).toContainEqual(
      expect.stringMatching(`/.pulumi/stacks/pipi/${order.workspace.id}.json$`),
    )
    await truth.handBack(order, 'moved')
    const next = await world.engine('b').take(order.deployment)
    expect(next?.token).toBeGreaterThan(order.token)
    await expect(pulumi(order.token, 'stack', 'rm', '-y', order.workspace.id)).rejects.toThrow(/is under token/)
    await expect(pulumi(undefined, 'stack', 'rm', '-y', order.workspace.id)).rejects.toThrow(/says none/)
    expect((await keys(order.workspace.id)).length).toBeGreaterThan(0)
    await pulumi(next?.token, 'stack', 'rm', '-y', order.workspace.id)
    expect((await keys(order.workspace.id)).filter((key) => !key.endsWith('.bak'))).toEqual([])
  })

  it('guards every kind of row that belongs to a workspace, and no other', async () => {
    const truth = world.engine('a')
    const order = await world.taken(truth)
    const id = order.workspace.id
    const rows = [
      `x/.pulumi/stacks/pipi/${id}.json`,
      `x/.pulumi/stacks/pipi/${id}.json.bak`,
      `x/.pulumi/locks/organization/pipi/${id}/u.json`,
      `x/.pulumi/history/pipi/${id}/${id}-1.history.json`,
      `x/.pulumi/backups/pipi/${id}/${id}.1.json`,
    ]
    for (const key of rows)
      await expect(write(order, key, order.token - 1), key).rejects.toMatchObject({ code: 'lease.lost' })
    for (const key of rows) await write(order, key)
    await write(order, 'x/.pulumi/meta.yaml', 0)
    expect(await keys(id)).toHaveLength(rows.length)
  })

  it('keeps the last five of what every run leaves, and of what was destroyed only its empty stack', async () => {
    const truth = world.engine('a')
    const order = await world.taken(truth)
    const id = order.workspace.id
    await write(order, `x/.pulumi/stacks/pipi/${id}.json`)
    for (let n = 10; n < 18; n++) {
      await write(order, `x/.pulumi/history/pipi/${id}/${id}-${n}.history.json`)
      await write(order, `x/.pulumi/history/pipi/${id}/${id}-${n}.checkpoint.json`)
      await write(order, `x/.pulumi/backups/pipi/${id}/${id}.${n}.json`)
    }
    for (const status of ['planning', 'reserving', 'applying'] as const) await truth.advance(order, status)
    await truth.settle(order, { status: 'succeeded', resources: [{ urn: 'u', type: 't', id: 'i', amounts: [] }] })
    const left = await keys(id)
    for (const kind of ['history.json', 'checkpoint.json', 'backups'])
      expect(
        left.filter((key) => key.includes(kind)),
        kind,
      ).toHaveLength(5)
    expect(left.some((key) => key.includes('-17.history'))).toBe(true)
    expect(left.some((key) => key.endsWith(`/stacks/pipi/${id}.json`))).toBe(true)
    const destroy = await world.taken(truth, { kind: 'destroy', workspaceName: order.workspace.name })
    for (const status of ['planning', 'reserving', 'applying'] as const) await truth.advance(destroy, status)
    await truth.settle(destroy, { status: 'succeeded', resources: [] })
    expect(await keys(id)).toEqual([`x/.pulumi/stacks/pipi/${id}.json`])
  })

  it('is there before the first use, so that two first uses at once do not race', async () => {
    const truth = world.engine('a')
    const orders = [await world.taken(truth), await world.taken(truth)]
    await Promise.all(orders.map((order) => pulumi(order.token, 'stack', 'init', order.workspace.id)))
    for (const order of orders) expect((await keys(order.workspace.id)).length).toBeGreaterThan(0)
  })
})
