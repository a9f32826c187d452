import { existsSync, readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { writeZip } from '../../../stacks/sandbox/zip/write.ts'
import { Asset, Secret, UNKNOWN } from '../../../stacks/wire/values.ts'
import { portIsFree } from '../../helpers/free-port.ts'
import { type TestDatabase, testDatabase } from '../../helpers/postgres.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { type CloudClient, cloudClient } from './cloud-client.ts'
import { type SandboxProcess, sandboxProcess } from './sandbox-process.ts'

const MACHINE = 'cloudy:index:Machine'
const SITE = 'cloudy:index:Site'
const FUNCTION = 'cloudy:index:Function'
const ADDRESS = 'cloudy:index:Address'

let database: TestDatabase
let dataFolder: string
let sandbox: SandboxProcess
let cloud: CloudClient

beforeAll(async () => {
  database = await testDatabase({ migrated: false })
})
afterAll(() => database.drop())

beforeEach(async () => {
  await database.db.query('drop schema if exists sandbox cascade')
  dataFolder = await tempFolder('sandbox')
  await open()
})
afterEach(async () => {
  cloud.close()
  await sandbox.stop()
})

async function open(): Promise<void> {
  sandbox = await sandboxProcess({ databaseUrl: database.url, dataFolder })
  cloud = await cloudClient(sandbox.ready.providers.cloudy ?? '')
}

async function reopen(): Promise<void> {
  cloud.close()
  await sandbox.stop()
  await open()
}

async function archive(files: Record<string, string>): Promise<Asset> {
  const path = join(await tempFolder('zip'), 'code.zip')
  const parts = Object.entries(files).map(([name, text]) => ({ path: name, bytes: Buffer.from(text) }))
  const bytes = await writeZip(parts)
  await writeFile(path, bytes)
  return new Asset('archive', { path, hash: `hash of ${JSON.stringify(files)}` })
}

interface Shown {
  type: string
  id: string
  inputs: Record<string, unknown>
  outputs: Record<string, unknown>
  usage: Record<string, { requests: number; egressBytes: number; busyMs: number }>
}

async function inventory(query = ''): Promise<Shown[]> {
  return (await sandbox.admin<{ resources: Shown[] }>('GET', `/inventory${query}`)).resources
}

async function calls(): Promise<
  { operation: string; outcome: string; urn: string; id: string | null; message: string | null }[]
> {
  return (await sandbox.admin<{ calls: [] }>('GET', '/calls')).calls
}

describe('the inventory', () => {
  it('holds what was created, and gives it back after a restart under the same addresses', async () => {
    const made = await cloud.create(MACHINE, 'a', { name: 'web', region: 'here', size: 'small' })
    expect(made.id).toMatch(/^m-[0-9a-f]{8}$/)
    expect(made.outputs.arn).toBe(`arn:acct-1:here:${made.id}`)
    const before = sandbox.ready
    await reopen()
    expect(sandbox.ready).toEqual(before)
    const read = await cloud.read(MACHINE, made.id)
    expect(read).toEqual({ id: made.id, inputs: { name: 'web', region: 'here', size: 'small' }, outputs: made.outputs })
    const second = await cloud.create(MACHINE, 'b', { name: 'other' })
    expect(second.id).not.toBe(made.id)
  })

  it('checks inputs in the words of the cloud, fills in defaults, and says nothing of what is not known yet', async () => {
    expect(await cloud.check(MACHINE, 'a', { region: 'nowhere' })).toEqual({
      inputs: { region: 'nowhere', size: 'small' },
      failures: ['region: region "nowhere" does not exist'],
    })
    const unknown = await cloud.check(MACHINE, 'a', { region: UNKNOWN, secret: new Secret('s3cret-value') })
    expect(unknown).toEqual({
      inputs: { region: UNKNOWN, size: 'small', secret: new Secret('s3cret-value') },
      failures: [],
    })
  })

  it('replaces on what the type says, also deep inside', async () => {
    const old = { region: 'here', label: 'x', disk: { kind: 'ssd', gb: 1 } }
    expect(await cloud.diff(MACHINE, 'm', old, { ...old, label: 'y' })).toEqual({ changes: true, replaces: [] })
    expect(await cloud.diff(MACHINE, 'm', old, { ...old, region: 'there' })).toEqual({
      changes: true,
      replaces: ['region'],
    })
    const disk = { kind: 'hdd', gb: 1 }
    expect(await cloud.diff(MACHINE, 'm', old, { ...old, disk })).toEqual({ changes: true, replaces: ['disk.kind'] })
    expect(await cloud.diff(MACHINE, 'm', old, { ...old })).toEqual({ changes: false, replaces: [] })
  })

  it('refuses an unknown type and a name that is taken, also when two creates race', async () => {
    await expect(cloud.create('cloudy:index:Ghost', 'a', {})).rejects.toThrow(
      /unknown resource type "cloudy:index:Ghost"/,
    )
    await expect(cloud.create('cloudy:index:constructor', 'a', {})).rejects.toThrow(/unknown resource type/)
    const racing = Array.from({ length: 5 }, (_, index) => cloud.create(MACHINE, `m${index}`, { name: 'web' }))
    const settled = await Promise.allSettled(racing)
    expect(settled.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
    const refused = settled.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []))
    expect(refused).toHaveLength(4)
    for (const reason of refused) expect(reason).toContain('NameInUse: web')
    expect(await inventory()).toHaveLength(1)
  })

  it('keeps cloud accounts apart', async () => {
    const other = await cloudClient(sandbox.ready.providers.cloudy ?? '', { account: 'acct-2' })
    const made = await cloud.create(MACHINE, 'a', { name: 'web' })
    await other.create(MACHINE, 'a', { name: 'web' })
    expect((await other.read(MACHINE, made.id)).id).toBe('')
    await expect(other.update(MACHINE, made.id, {}, {})).rejects.toThrow(/NotFound/)
    await other.delete(MACHINE, made.id)
    expect((await cloud.read(MACHINE, made.id)).id).toBe(made.id)
    expect(await inventory('?account=acct-2')).toHaveLength(1)
    expect(await inventory('?cloud=xyz')).toHaveLength(0)
    other.close()
  })

  it('refuses credentials that are no good', async () => {
    await expect(cloudClient(sandbox.ready.providers.cloudy ?? '', { token: 'wrong' })).rejects.toThrow(/InvalidToken/)
  })

  it('never shows a secret, but remembers that it is one', async () => {
    const made = await cloud.create(MACHINE, 'a', { name: 'web', password: new Secret('canary-31337'), note: 'x' })
    expect(made.outputs.password).toEqual(new Secret('canary-31337'))
    expect(JSON.stringify(await inventory())).not.toContain('canary')
    expect((await inventory())[0]?.inputs.password).toBe('[secret]')
    expect((await cloud.read(MACHINE, made.id)).inputs.password).toEqual(new Secret('canary-31337'))
  })

  it('answers data sources and the HTTP API for look-ups', async () => {
    const made = await cloud.create(MACHINE, 'a', { name: 'web' })
    expect(await cloud.invoke('cloudy:index:getMachine', { name: 'web' })).toEqual({ id: made.id })
    const response = await fetch(`${sandbox.ready.api}/api/cld/machines`)
    expect(await response.json()).toEqual({ machines: [made.id] })
    expect((await fetch(`${sandbox.ready.api}/api/cld/other`)).status).toBe(404)
    expect((await fetch(`${sandbox.ready.api}/api/xyz/machines`)).status).toBe(404)
    expect((await fetch(`${sandbox.ready.api}/api/cld/machines`, { method: 'DELETE' })).status).toBe(405)
  })

  it('logs every call with its outcome', async () => {
    const { id } = await cloud.create(MACHINE, 'a', { name: 'web' })
    await cloud.create(MACHINE, 'b', { name: 'web' }).catch(() => undefined)
    await cloud.delete(MACHINE, id)
    expect((await calls()).map(({ operation, outcome, id: of }) => [operation, outcome, of])).toEqual([
      ['create', 'done', id],
      ['create', 'failed', null],
      ['delete', 'done', id],
    ])
  })

  it("shows drift to a later read, and a delete behind everybody's back", async () => {
    const { id } = await cloud.create(MACHINE, 'a', { name: 'web', size: 'small' })
    await sandbox.admin('POST', '/drift', { type: MACHINE, id, set: { size: 'enormous' } })
    const read = await cloud.read(MACHINE, id)
    expect(read.inputs.size).toBe('enormous')
    expect(read.outputs.size).toBe('enormous')
    await sandbox.admin('POST', '/drift', { id, delete: true })
    expect((await cloud.read(MACHINE, id)).id).toBe('')
    await expect(sandbox.admin('POST', '/drift', { type: MACHINE, id, delete: true })).rejects.toThrow(/not-found/)
    expect(await inventory()).toEqual([])
    expect(await inventory('?deleted=true')).toHaveLength(1)
  })
})

describe('the admin API', () => {
  it('answers nobody without the token, and says what is wrong with a request', async () => {
    expect((await fetch(`${sandbox.ready.admin}/inventory`)).status).toBe(401)
    await expect(sandbox.admin('POST', '/fault', { kind: 'boredom' })).rejects.toThrow(/input.invalid/)
    await expect(sandbox.admin('POST', '/clock', { forward: 'soon' })).rejects.toThrow(/10d/)
    await expect(sandbox.admin('GET', '/nothing')).rejects.toThrow(/not-found/)
  })
})

describe('faults', () => {
  it('strike before the effect, after it, or not at all', async () => {
    await sandbox.admin('POST', '/fault', { kind: 'error', moment: 'before', type: MACHINE })
    await expect(cloud.create(MACHINE, 'a', { name: 'one' })).rejects.toThrow(/InternalError/)
    expect(await inventory()).toHaveLength(0)
    await sandbox.admin('POST', '/fault', { kind: 'error', moment: 'after', message: 'created but 500' })
    await expect(cloud.create(MACHINE, 'a', { name: 'one' })).rejects.toThrow(/created but 500/)
    expect(await inventory()).toHaveLength(1)
    await sandbox.admin('POST', '/fault', { kind: 'throttle', type: SITE })
    await cloud.create(MACHINE, 'b', { name: 'two' })
    await sandbox.admin('DELETE', '/fault')
    expect(await sandbox.admin('GET', '/fault')).toEqual({ faults: [] })
  })

  it('delay the answer of a create whose resource exists already', async () => {
    await sandbox.admin('POST', '/fault', { kind: 'latency', moment: 'after', ms: 60_000 })
    const answer = cloud.create(MACHINE, 'a', { name: 'one' })
    answer.catch(() => undefined)
    await waitFor('the machine in the inventory', async () => (await inventory()).length === 1)
    expect((await calls())[0]?.outcome).toBe('begun')
  })

  it('let a resource appear after the caller was told otherwise', async () => {
    await sandbox.admin('POST', '/fault', { kind: 'late', ms: 200 })
    await expect(cloud.create(MACHINE, 'a', { name: 'one' })).rejects.toThrow(/reset by peer/)
    await waitFor('the late machine', async () => (await inventory()).length === 1)
    await waitFor('the late record', async () => (await calls())[0]?.outcome === 'late')
  })

  it('hang until the run is cancelled, and concern that connection only', async () => {
    await sandbox.admin('POST', '/fault', { kind: 'hang', operation: 'create' })
    const hanging = cloud.create(MACHINE, 'a', { name: 'one' })
    hanging.catch(() => undefined)
    await waitFor('the call to have begun', async () => (await calls()).length === 1)
    const other = await cloudClient(sandbox.ready.providers.cloudy ?? '')
    await other.cancel()
    expect((await calls())[0]?.outcome).toBe('begun')
    await cloud.cancel()
    await expect(hanging).rejects.toThrow(/closed before an answer/)
    await expect(cloud.create(MACHINE, 'b', { name: 'two' })).rejects.toThrow(/cancelled/)
    await expect(other.create(MACHINE, 'b', { name: 'two' })).rejects.toThrow(/cancelled/)
    expect(await inventory()).toEqual([])
    other.close()
  })
})

describe('what is served', () => {
  it('answers with the files of the zip that was uploaded, and with nothing else', async () => {
    const zip = await archive({
      'public/index.html': '<h1>one</h1>',
      'public/a/index.html': 'a',
      'public/404.html': 'lost',
      'private.txt': 'no',
    })
    const { id, outputs } = await cloud.create(SITE, 'a', { zip })
    expect(outputs.zip).toEqual(zip)
    const url = String(outputs.url)
    const home = await fetch(url)
    expect(await home.text()).toBe('<h1>one</h1>')
    expect(home.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(await (await fetch(`${url}a/`)).text()).toBe('a')
    for (const path of ['private.txt', '..%2fprivate.txt', '%2e%2e/private.txt', 'a/..%2f..%2fprivate.txt', '%zz']) {
      expect((await fetch(url + path)).status).toBeGreaterThanOrEqual(400)
    }
    expect(await (await fetch(`${url}nothing`)).text()).toBe('lost')
    expect((await fetch(url, { method: 'POST' })).status).toBe(405)

    const next = await archive({ 'public/index.html': '<h1>two</h1>' })
    const updated = await cloud.update(SITE, id, { zip }, { zip: next })
    expect(updated.url).toBe(url)
    expect(await (await fetch(url)).text()).toBe('<h1>two</h1>')

    await reopen()
    expect(await (await fetch(url)).text()).toBe('<h1>two</h1>')
    await cloud.delete(SITE, id)
    await expect(fetch(url)).rejects.toThrow()
  })

  it('refuses an artifact that was never uploaded, and one that is not there', async () => {
    await expect(cloud.create(FUNCTION, 'a', { name: 'fn', code: 'f'.repeat(64) })).rejects.toThrow(/never uploaded/)
    const missing = new Asset('archive', { path: join(dataFolder, 'missing.zip'), hash: 'x' })
    await expect(cloud.create(SITE, 'a', { zip: missing })).rejects.toThrow(/no such file/)
    expect(await inventory()).toEqual([])
  })

  it('runs a handler in a process of its own, reached through its alias, and leaves nothing', async () => {
    const code = await archive({
      'main.mjs': `export default async ({ method, path }) =>
        [method, path, process.env.GREETING, process.pid].join(' ')`,
    })
    await expect(cloud.create(ADDRESS, 'url', { functionName: 'fn' })).rejects.toThrow(/ResourceNotFound/)
    const made = await cloud.create(FUNCTION, 'fn', {
      name: 'fn',
      code,
      environment: { GREETING: new Secret('hello-secret') },
    })
    expect(made.outputs.environment).toEqual({ GREETING: new Secret('hello-secret') })
    const address = await cloud.create(ADDRESS, 'url', { functionName: 'fn' })
    const url = String(address.outputs.url)
    const text = await (await fetch(`${url}x/y?z=1`)).text()
    expect(text).toMatch(/^GET \/x\/y hello-secret \d+$/)
    const pid = Number(text.split(' ').at(-1))
    expect((await fetch(url)).status).toBe(200)
    const shown = (await inventory()).find((one) => one.type === FUNCTION)
    expect(Object.values(shown?.usage ?? {})).toMatchObject([{ requests: 2 }])
    expect(Object.values(shown?.usage ?? {})[0]?.egressBytes).toBeGreaterThan(10)

    await reopen()
    expect(existsSync(`/proc/${pid}`)).toBe(false)
    expect((await fetch(url)).status).toBe(200)
    await cloud.delete(ADDRESS, address.id)
    await cloud.delete(FUNCTION, made.id)
    expect(await portIsFree(Number(new URL(url).port))).toBe(true)
    expect(readdirSync(join(dataFolder, 'run'))).toEqual([])
    expect(readdirSync(join(dataFolder, 'unpacked'))).toEqual([])
  })

  it('answers 502 with the reason when the handler is broken', async () => {
    const code = await archive({ 'main.mjs': 'throw new Error("broken on purpose")' })
    await cloud.create(FUNCTION, 'fn', { name: 'fn', code })
    const { outputs } = await cloud.create(ADDRESS, 'url', { functionName: 'fn' })
    const response = await fetch(String(outputs.url))
    expect(response.status).toBe(502)
    expect(await response.text()).toContain('broken on purpose')
  })

  it('ends with the process that started the sandbox, and so do its handlers', async () => {
    const code = await archive({ 'main.mjs': 'export default async () => String(process.pid)' })
    await cloud.create(FUNCTION, 'fn', { name: 'fn', code })
    const { outputs } = await cloud.create(ADDRESS, 'url', { functionName: 'fn' })
    const pid = Number(await (await fetch(String(outputs.url))).text())
    sandbox.child.stdin?.end()
    await waitFor('the sandbox to end', () => sandbox.child.exitCode === 0)
    expect(existsSync(`/proc/${pid}`)).toBe(false)
  })

  it('takes its handlers along when it is killed', async () => {
    const code = await archive({
      'main.mjs': `import { spawn } from 'node:child_process'
        const child = spawn('sleep', ['3600'])
        export default async () => JSON.stringify([process.pid, child.pid])`,
    })
    await cloud.create(FUNCTION, 'fn', { name: 'fn', code })
    const { outputs } = await cloud.create(ADDRESS, 'url', { functionName: 'fn' })
    const pids = (await (await fetch(String(outputs.url))).json()) as number[]
    sandbox.child.kill('SIGKILL')
    await waitFor('all to end', () => pids.every((pid) => !isAlive(pid)))
  })
})

describe('the witness', () => {
  it('bills from the inventory, month by month, by its own clock', async () => {
    const { id } = await cloud.create(MACHINE, 'a', { name: 'web' })
    expect(await sandbox.admin('GET', '/bill')).toMatchObject({ currency: 'USD', total: 1 })
    const { offsetMs } = await sandbox.admin<{ offsetMs: number }>('POST', '/clock', { forward: '62d' })
    expect(offsetMs).toBe(62 * 86_400_000)
    const later = await sandbox.admin<{ total: number; accounts: { months: unknown[] }[] }>('GET', '/bill')
    expect(later.total).toBe(later.accounts[0]?.months.length)
    expect(later.total).toBeGreaterThanOrEqual(3)
    await reopen()
    expect(await sandbox.admin('GET', '/clock')).toMatchObject({ offsetMs })
    await cloud.delete(MACHINE, id)
    await sandbox.admin('POST', '/clock', { forward: '62d' })
    expect(await sandbox.admin('GET', '/bill')).toMatchObject({ total: later.total })
    expect(await sandbox.admin('GET', '/bill?account=nobody')).toMatchObject({ total: 0, accounts: [], lines: [] })
  })

  it('sends its own seeded visitors: a few real requests, the rest by figures', async () => {
    const zip = await archive({ 'public/index.html': '0123456789' })
    await cloud.create(SITE, 'a', { zip })
    const asked = { seed: 'x', requests: 5, monthly: 1_000 }
    const { visits } = await sandbox.admin<{ visits: { requests: number; answered: number; simulated: number }[] }>(
      'POST',
      '/visitors',
      asked,
    )
    const [seen] = visits
    expect(seen?.requests).toBeGreaterThanOrEqual(1)
    expect(seen?.answered).toBe(seen?.requests)
    const total = (seen?.requests ?? 0) + (seen?.simulated ?? 0)
    expect(total).toBeGreaterThanOrEqual(500)
    expect(total).toBeLessThanOrEqual(1_000)
    const [usage] = Object.values((await inventory())[0]?.usage ?? {})
    expect(usage).toMatchObject({ requests: total, egressBytes: total * 10 })
    const { total: billed } = await sandbox.admin<{ total: number }>('GET', '/bill')
    expect(billed).toBeCloseTo((total - 100) * 0.001, 6)
  })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
