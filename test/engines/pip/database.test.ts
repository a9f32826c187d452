import { cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { output } from '@pulumi/pulumi'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type ComponentKind,
  type ComponentOf,
  componentSchema,
  usedEnvironment,
} from '../../../engines/contract/component.ts'
import type { Artifact, ProgramContext } from '../../../engines/contract/engine.ts'
import type { WatchContext } from '../../../engines/contract/watch.ts'
import database from '../../../engines/pip/programs/database.ts'
import service from '../../../engines/pip/programs/service.ts'
import { DATABASES } from '../../../engines/pip/provider/database.ts'
import { startProvider } from '../../../engines/pip/provider/index.ts'
import { rules } from '../../../engines/pip/rules.ts'
import { openCluster } from '../../../engines/pip/supervisor/databases/cluster.ts'
import { Databases } from '../../../engines/pip/supervisor/databases/databases.ts'
import type { DatabaseStatus } from '../../../engines/pip/supervisor/databases/spec.ts'
import { PortPool, PUBLIC_PORTS } from '../../../engines/pip/supervisor/ports.ts'
import surroundings from '../../../engines/pip/surroundings.ts'
import check from '../../../engines/pip/watch/check.ts'
import { loadEngine } from '../../../engines/scan.ts'
import type { PlatformReader } from '../../../stacks/contract/find.ts'
import { openPlatformReader } from '../../../stacks/recovery/platform-reader.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { type HostStack, hostStack } from './provider/host-stack.ts'
import { artifactIn, openHost, QUICK, textOf } from './supervisor/host.ts'

const MODULES = join(import.meta.dirname, '../../../node_modules')
const HOST = { plan: 'own-host', region: 'host', expect: { requests: 0, egressMb: 0 } }
const DATABASE = 'pip:host/database:Database'

/** Each request with a session of its own, so that it does not matter what became of the last one. */
const SERVER = (version: string) => `
const { Client } = require('pg')
const url = new URL(process.env.OPEN_DATA_URL)
url.password = process.env.OPEN_DATA_PASSWORD
require('http').createServer(async (q, r) => {
  if (q.url === '/health') return r.end()
  const client = new Client({ connectionString: url.href })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('create table if not exists notes (text text, more jsonb)')
    if (q.method === 'POST') await client.query("insert into notes values ($1, '{}')", [q.url.slice(1)])
    r.end('${version} ' + (await client.query('select text from notes order by text')).rows.map((row) => row.text))
  } catch (error) { r.statusCode = 500; r.end(String(error.code ?? error.message)) }
  finally { await client.end().catch(() => {}) }
}).listen(process.env.PORT)`

/** A service as a build leaves it: with the packages that it uses. */
async function built(version: string): Promise<Artifact> {
  const folder = await tempFolder('artifact')
  await writeFile(join(folder, 'server.js'), SERVER(version))
  const open = ['pg']
  const packages = new Set(open)
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    await cp(join(MODULES, name), join(folder, 'node_modules', name), { recursive: true })
    const { dependencies = {} } = JSON.parse(await readFile(join(MODULES, name, 'package.json'), 'utf8'))
    for (const one of Object.keys(dependencies))
      if (!packages.has(one)) open.push(...[one].filter((it) => packages.add(it)))
  }
  const { source, digest } = await artifactIn(folder)
  return { travels: 'folder', path: source, digest }
}

describe('a database on a host, in one real stack', () => {
  let host: Awaited<ReturnType<typeof openHost>>
  let provider: Awaited<ReturnType<typeof startProvider>>
  let stack: HostStack
  let artifact: Artifact
  let url: string
  beforeAll(async () => {
    host = await openHost()
    provider = await startProvider({ companion: host.supervisor.address })
    stack = await hostStack(provider.address)
    artifact = await built('one')
  })
  afterAll(async () => {
    await provider.close()
    await host.supervisor.close()
  })

  const workspace = (sizeMb: number) => () => {
    const data = database.declare(contextOf({ name: 'open-data', kind: 'database', model: 'relational', sizeMb }))
    const uses = { 'open-data': data }
    const environment = { [usedEnvironment('open-data')]: output(data.url).apply((known) => known ?? '') }
    const api = { name: 'api', kind: 'service', health: '/health', memoryMb: 96, uses: ['open-data'] } as const
    return { data: data.url, api: service.declare({ ...contextOf(api), environment, uses }).url }
  }

  function contextOf<K extends ComponentKind>(raw: { name: string; kind: K; [field: string]: unknown }) {
    const component = componentSchema.parse(raw) as ComponentOf<K>
    return {
      workspace: { id: 'w-1', name: 'demo' },
      component,
      artifact: (raw.kind === 'database' ? { travels: 'nothing' } : artifact) as ProgramContext<K>['artifact'],
      region: 'host',
      slug: `demo-${raw.name}`,
      environment: {},
      uses: {},
      surroundings: { databases: 'postgresql' },
    } as ProgramContext<K>
  }

  const status = async (): Promise<DatabaseStatus> => {
    const found = await host.client.database('demo-open-data')
    if (found === undefined) throw new Error('there is no database')
    return found
  }
  const answers = (text: string) =>
    waitFor(`it to answer "${text}"`, async () => (await textOf(url).catch(() => '')) === text)
  const session = async (): Promise<pg.Client> => {
    const { spec, url: address } = await status()
    const whole = new URL(address)
    whole.password = spec.password
    const client = new pg.Client({ connectionString: whole.href })
    client.on('error', () => {})
    await client.connect()
    return client
  }

  async function withReader<T>(look: (reader: PlatformReader) => Promise<T>): Promise<T> {
    const upstreams = { pip: provider.address }
    const reader = openPlatformReader({ upstreams, configuration: {}, stack: { project: 'wire', stack: 'test' } })
    try {
      return await look(reader)
    } finally {
      reader.close()
    }
  }

  it('is there before the service that uses it, which writes into it with a password that nobody is shown', async () => {
    const { ok, text, outputs } = await stack.run('up', workspace(50))
    expect([ok, text]).toEqual([true, ''])
    url = String(outputs.api)
    expect(await (await fetch(`${url}first`, { method: 'POST' })).text()).toBe('one first')
    expect(outputs.data).toMatch(/^postgres:\/\/app@127\.0\.0\.1:\d+\/app$/)
    expect((await stack.run('up', workspace(50))).changed).toEqual([])
    const { spec } = await status()
    const state = await readFile(join(stack.folder, 'state/.pulumi/stacks/pipi-pip/wone.json'), 'utf8')
    const logs = await Promise.all(
      (await readdir(join(host.folder, 'logs'))).map((name) => readFile(join(host.folder, 'logs', name), 'utf8')),
    )
    for (const said of [state, JSON.stringify(outputs), ...logs]) expect(said).not.toContain(spec.password)
    expect((await stat(join(host.folder, 'databases/demo-open-data/database.json'))).mode & 0o777).toBe(0o600)
  })

  it('gives its users no right beyond their own database, and no way in from elsewhere', async () => {
    const client = await session()
    const { rows } = await client.query(
      'select rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls from pg_roles where rolname = current_user',
    )
    expect(Object.values(rows[0])).toEqual([false, false, false, false, false])
    await expect(client.query("copy (select 1) to program 'true'")).rejects.toMatchObject({ code: '42501' })
    await expect(client.query("select pg_read_file('/etc/passwd')")).rejects.toMatchObject({ code: '42501' })
    expect((await client.query('show listen_addresses')).rows[0].listen_addresses).toBe('127.0.0.1')
    await client.end()
    const { spec, port } = await status()
    const at = (user: string, name: string, password: string) => {
      const other = new pg.Client({ host: '127.0.0.1', port, user, password, database: name })
      other.on('error', () => {})
      return other.connect().finally(() => other.end())
    }
    await expect(at('app', 'postgres', spec.password)).rejects.toMatchObject({ code: '28000' })
    await expect(at('app', 'app', 'another-password-1')).rejects.toMatchObject({ code: '28P01' })
  })

  it('keeps what is in it while the service is deployed anew', async () => {
    artifact = await built('two')
    const { changed, text } = await stack.run('up', workspace(50))
    expect([changed, text]).toEqual([['update api'], ''])
    expect(await (await fetch(`${url}second`, { method: 'POST' })).text()).toBe('two first,second')
  })

  it('writes no statement of its users into its log, nor one whose session crashed or was ended', async () => {
    const { restarts } = await status()
    const serverOf = (client: pg.Client) =>
      client.query('select pg_backend_pid() as pid').then(({ rows }) => rows[0].pid)
    const [ended, crashed] = [await session(), await session()]
    const pids = [await serverOf(ended), await serverOf(crashed)]
    const nested = ended.query("do $$ begin perform pg_sleep(60), 'canary-ended'; end $$").catch((it: Error) => it)
    const plain = crashed.query("select pg_sleep(60), 'canary-crashed'").catch((it: Error) => it)
    process.kill(pids[0], 'SIGTERM')
    expect(await nested).toMatchObject({ code: '57P01' })
    process.kill(pids[1], 'SIGKILL')
    expect(await plain).toBeInstanceOf(Error)
    const log = await waitFor('the crash to be told', async () => {
      const text = await readFile(join(host.folder, 'logs/demo-open-data.log'), 'utf8')
      return text.includes('terminated by signal 9') ? text : undefined
    })
    expect(log).toContain('terminating connection due to administrator command')
    expect(log).not.toContain('canary')
    await waitFor(
      'it to run',
      async () => (await status()).state === 'running' && (await textOf(url)).startsWith('two'),
    )
    expect((await status()).restarts).toBe(restarts)
  })

  it('comes back with all that is in it when its server is killed, and when its supervisor starts anew', async () => {
    const { pid } = await status()
    process.kill(pid ?? 0, 'SIGKILL')
    await answers('two first,second')
    const again = await waitFor('its state', async () => (await status()).state === 'running' && status())
    expect(again.pid).not.toBe(pid)
    expect(again.restarts).toBeGreaterThan(0)
    await host.supervisor.close()
    host = await openHost({}, host.folder)
    // It was there first.
    expect(await status()).toMatchObject({ state: 'running', restarts: 0 })
    await answers('two first,second')
  })

  it('is found by who watches with the demand that it was granted, and without its password', async () => {
    await withReader(async (reader) => {
      const { databases } = (await reader.invoke(DATABASES, { host: 'host' })) as {
        databases: Record<string, unknown>[]
      }
      expect(databases).toMatchObject([
        { name: 'demo-open-data', size: 50, memory: 128, room: 'free', held: expect.any(Number) },
      ])
      expect(JSON.stringify(databases)).not.toContain((await status()).spec.password)
      const engine = await loadEngine('pip')
      const [found] = databases
      expect(engine.rules[DATABASE]?.demand(found ?? {}, HOST)).toEqual(
        rules[DATABASE]?.demand({ ...(await status()).spec }, HOST),
      )
      expect(await surroundings({ region: 'host', platform: reader })).toMatchObject({ databases: 'postgresql' })
    })
  })

  it('tells when it passes its size, takes nothing any more far beyond, and is free again when it was tidied up or may be larger', async () => {
    expect((await stack.run('up', workspace(2))).text).toBe('')
    const client = await session()
    await client.query('create table heap (text text)')
    const fill = (mb: number, by = client) =>
      by.query(`insert into heap select repeat(md5(i::text), 32) from generate_series(1, ${mb} * 1000) i`)
    await fill(6)
    const full = await waitFor(
      'it to be full',
      async () => (await status().then((one) => one.room === 'full' && one)) || undefined,
    )
    expect(full.trouble).toMatch(/holds \d+ MiB, granted are 2/)
    const { findings } = await withReader((platform) =>
      check({ platform, regions: ['host'] } as unknown as WatchContext),
    )
    expect(findings).toContainEqual({
      ...{ what: 'database demo-open-data', ok: false, guard: true },
      why: expect.stringContaining('granted are 2'),
    })
    // Its session ends with that, so that the next one is told.
    await fill(20).catch(() => undefined)
    await waitFor('it to be read only', async () => (await status()).room === 'read-only')
    await client.end().catch(() => undefined)
    const tidy = await session()
    await expect(tidy.query("insert into notes values ('third')")).rejects.toMatchObject({ code: '25006' })
    expect(await textOf(url)).toBe('25006')
    await tidy.query('set default_transaction_read_only = off')
    await tidy.query('truncate heap')
    await waitFor('it to be free', async () => (await status()).room === 'free')
    await tidy.end().catch(() => undefined)
    expect(await (await fetch(`${url}third`, { method: 'POST' })).text()).toBe('two first,second,third')
    // Who goes on all the same is not let in any more, until it may be larger.
    await waitFor('it to be shut', async () => {
      if ((await status()).room === 'shut') return true
      const greedy = await session()
      await greedy.query('set default_transaction_read_only = off')
      await fill(12, greedy).finally(() => greedy.end())
      return false
    })
    await expect(session()).rejects.toMatchObject({ code: '55000' })
    expect((await stack.run('up', workspace(60))).text).toBe('')
    expect(await status()).toMatchObject({ spec: { size: 60 }, room: 'free' })
    expect(await textOf(url)).toBe('two first,second,third')
  })

  it('ends the session that holds the most where all hold more than was granted, and nobody else’s', async () => {
    const [modest, greedy] = [await session(), await session()]
    const much = "do $$ declare held text := repeat('x', 200000000); begin perform pg_sleep(30); end $$"
    await expect(greedy.query(much)).rejects.toMatchObject({ code: '57P01' })
    expect((await modest.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    await modest.end()
    const { lastLines, restarts } = await status()
    expect(lastLines.join('\n')).toMatch(/holds \d+ MiB of memory, granted are 128/)
    expect(restarts).toBe(0)
  })

  it("is its workspace's alone, goes with no stack that nobody said may lose data, and wholly with one that may", async () => {
    const { spec } = await status()
    const stranger = { ...spec, labels: { 'pipi-workspace': 'w-2' } }
    await expect(host.client.setDatabase(stranger)).rejects.toMatchObject({ code: 'conflict.state' })
    const left = await stack.run('destroy')
    expect([left.ok, left.text]).toEqual([false, expect.stringMatching(/data/i)])
    expect(await status()).toMatchObject({ state: 'running' })
    const client = await session()
    expect((await client.query('select count(*)::int as n from notes')).rows).toEqual([{ n: 3 }])
    await client.end()
    const { ok, text } = await stack.run('destroy', undefined, undefined, true)
    expect([ok, text]).toEqual([true, ''])
    expect(await readdir(join(host.folder, 'databases'))).toEqual([])
    expect((await readdir(join(host.folder, 'logs'))).filter((name) => name.startsWith('demo-open-data'))).toEqual([])
  })
})

describe('what a database takes of a host', () => {
  it('is its data with what is let pass beyond, its memory and a port; and nothing is granted where nothing serves it', () => {
    const answer = rules[DATABASE]?.demand({ name: 'demo', size: 100, memory: 128, by: 'postgresql' }, HOST)
    if (!answer?.ok) throw new Error('refused')
    expect(Object.fromEntries(answer.demand.amounts.map(({ meter, amount }) => [meter, amount]))).toEqual({
      'pip-host.memory': 128,
      'pip-host.disk': 100 + 2 * 16 + 96,
      'pip-host.ports': 1,
    })
    expect(rules[DATABASE]?.stateful).toBe(true)
    const nothing = rules[DATABASE]?.demand({ name: 'demo', size: 100, memory: 128 }, { ...HOST, region: 'lab-1' })
    expect(nothing).toMatchObject({
      ok: false,
      message: expect.stringContaining('lab-1'),
      hint: expect.stringContaining('PostgreSQL'),
    })
  })
})

describe('the databases of a host, when its supervisor starts', () => {
  it('are those that were made whole and not asked to go; data that nothing is known of is not touched', async () => {
    const folder = await tempFolder('supervisor')
    for (const name of ['half.new', 'went.gone', 'unknown']) {
      await mkdir(join(folder, 'databases', name, 'cluster'), { recursive: true })
      await writeFile(join(folder, 'databases', name, 'cluster/PG_VERSION'), '9\n')
    }
    const ports = new PortPool(PUBLIC_PORTS)
    const databases = await Databases.open({ folder, tag: 'tag', times: QUICK, ports })
    expect(await readdir(join(folder, 'databases'))).toEqual(['unknown'])
    const spec = { name: 'unknown', size: 10, memory: 128, password: 'Aa1-0123456789abcdef', labels: {} }
    await expect(databases.set(spec)).rejects.toMatchObject({ code: 'conflict.state' })
    expect(await readdir(join(folder, 'databases/unknown/cluster'))).toEqual(['PG_VERSION'])
    await databases.close()
  })

  it('need the PostgreSQL that they were made with, and say so where it is gone', async () => {
    const folder = await tempFolder('database')
    await mkdir(join(folder, 'cluster'))
    await writeFile(join(folder, 'cluster/PG_VERSION'), '9\n')
    await expect(openCluster(folder, {})).rejects.toMatchObject({
      code: 'toolchain.missing',
      message: expect.stringContaining('PostgreSQL 9'),
      hint: expect.stringContaining('Install PostgreSQL'),
    })
  })
})
