import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { access, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { siteSchema } from '../../../../engines/contract/component.ts'
import { type BuildOrder, buildComponent } from '../../../../engines/parts/build/build-component.ts'
import type { BuildLimits } from '../../../../engines/parts/build/limits.ts'
import { runCommand } from '../../../../engines/parts/build/run-command.ts'
import { buildUser, giveTo } from '../../../../engines/parts/build/walls/build-user.ts'
import { otherUser } from '../../../../engines/parts/build/walls/other-user.ts'
import { tempFolder } from '../../../helpers/temp.ts'
import { waitFor } from '../../../helpers/wait-for.ts'
import { orderOf, site, sleepers } from './orders.ts'

const MIB = 1024 ** 2
const CANARY = `canary-${randomBytes(8).toString('hex')}`
const root = process.getuid?.() === 0

/** Something of ours that lives beside the builds, with a secret in its environment. */
let neighbour: ChildProcess
beforeAll(() => {
  neighbour = spawn('sleep', ['600'], { env: { PATH: process.env.PATH, PIPI_MASTER_KEY: CANARY }, stdio: 'ignore' })
})
afterAll(() => {
  neighbour.kill('SIGKILL')
})

/** What somebody would try who wants what is ours: the build's own result holds all that it found. */
function spy(data: string): string {
  return `const { readFileSync, readdirSync, writeFileSync } = require('node:fs')
const found = []
const look = (path) => { try { found.push(path, readFileSync(path, 'latin1')) } catch (error) { found.push(error.code) } }
const list = (path) => { try { return readdirSync(path) } catch { return [] } }
for (const pid of [...list('/proc'), ${neighbour.pid}, ${process.pid}, process.ppid, 1]) look('/proc/' + pid + '/environ')
for (const path of ['owner-token', 'secret', 'engines/other/build/source/key', 'artifacts/live/ws.json']) look(${JSON.stringify(data)} + '/' + path)
for (const path of ['/build/..', '/old', '/proc/1/root', '/proc/1/cwd', '/tmp/..']) look(path + ${JSON.stringify(data)} + '/owner-token')
for (const path of [process.execPath, '/usr/bin/env', '/etc/passwd']) try { writeFileSync(path, 'mine'); found.push('WROTE ' + path) } catch {}
for (const pid of [${neighbour.pid}, ${process.pid}]) try { process.kill(pid, 0); found.push('REACHED ' + pid) } catch {}
writeFileSync('index.html', found.join('\\n'))
`
}

/** A data folder as a platform has it, with things that are nobody's business. */
async function furnish(data: string): Promise<void> {
  for (const folder of ['engines/other/build/source', 'artifacts/live'])
    await mkdir(join(data, folder), { recursive: true })
  for (const file of ['owner-token', 'secret', 'engines/other/build/source/key', 'artifacts/live/ws.json'])
    await writeFile(join(data, file), CANARY, { mode: 0o600 })
}

async function limited(command: string, limits: Partial<BuildLimits>, files: Record<string, string> = {}) {
  const { order } = await site({ 'index.html': 'x', ...files }, { command })
  return { order, ended: buildComponent({ ...order, settings: { limits } }).catch((error) => error) }
}

describe('a hostile build', () => {
  it('that reaches for our environment, our files or other builds finds nothing', async () => {
    const { order, root: data } = await orderOf(
      {},
      siteSchema.parse({ name: 'site', kind: 'site', build: { command: 'node spy.cjs' } }),
    )
    await furnish(data)
    await writeFile(join(order.sourceFolder, 'spy.cjs'), spy(data))
    const { path } = await buildComponent(order)
    const found = await readFile(join(path, 'index.html'), 'latin1')
    expect(found).toContain('PIPI_BUILD=')
    expect(found).not.toContain(CANARY)
    expect(found).not.toMatch(/WROTE|REACHED/)
  })

  it.runIf(root)('finds nothing either where the engine runs without root', async () => {
    const data = await tempFolder('rootless', 0o755)
    await furnish(data)
    await mkdir(join(data, 'source'))
    await writeFile(join(data, 'source/spy.cjs'), spy(data))
    await giveTo({ uid: 65534, gid: 65534 }, data)
    const component = siteSchema.parse({ name: 'site', kind: 'site', build: { command: 'node spy.cjs' } })
    const order = { component, account: 'team', sourceFolder: join(data, 'source') }
    const told = await inProcess(
      { ...order, workFolder: join(data, 'engines/it'), artifacts: join(data, 'artifacts') },
      { uid: 65534 },
    ).ended
    const { built } = JSON.parse(told.trim().split('\n').at(-1) ?? '{}')
    expect(built, told).toBeDefined()
    const found = await readFile(join(built.path, 'index.html'), 'latin1')
    expect(found).toContain('PIPI_BUILD=')
    expect(found).not.toContain(CANARY)
    expect(found).not.toMatch(/WROTE|REACHED/)
  })

  it.runIf(root)('runs as a user who owns nothing where the kernel gives no namespaces', async () => {
    const data = await tempFolder('other', 0o711)
    await furnish(data)
    const work = join(data, 'engines/it/build')
    const rooms = {
      work,
      source: join(work, 'source'),
      home: join(work, 'home'),
      temporary: join(work, 'tmp'),
      cache: undefined,
    }
    for (const folder of [rooms.source, rooms.home, rooms.temporary]) await mkdir(folder, { recursive: true })
    await writeFile(join(rooms.source, 'spy.cjs'), spy(data))
    const user = await buildUser('team')
    if (user === undefined) throw new Error('root is somebody else')
    await giveTo(user, rooms.source, rooms.home, rooms.temporary)
    const limits = {
      timeMs: 1e5,
      memoryBytes: 1024 * MIB,
      workBytes: 1e9,
      workEntries: 1e5,
      processes: 50,
      logBytes: 1e6,
      outputBytes: 1e6,
      outputFiles: 9,
    }
    const walls = await otherUser(rooms, user, { memory: 1024 * MIB, file: 1e9, tasks: 400 }, data)
    const place = { folder: rooms.source, workFolder: work, walls, limits, until: Number.POSITIVE_INFINITY }
    const file = process.execPath
    const signal = new AbortController().signal
    await runCommand({
      ...place,
      title: 'spy',
      file,
      args: ['spy.cjs'],
      environment: { HOME: rooms.home },
      signal,
      log: () => undefined,
    })
    const found = await readFile(join(rooms.source, 'index.html'), 'latin1')
    expect((await stat(join(rooms.source, 'index.html'))).uid).toBe(user.uid)
    expect(found).toContain('EACCES')
    expect(found).not.toContain(CANARY)
    expect(found).not.toMatch(/WROTE|REACHED/)
  })

  it('is told to be without walls where the kernel gives none, and is refused where its owner wants them', async () => {
    const none = ['unshare', '-Ur', 'sh', '-c', 'echo 0 > /proc/sys/user/max_user_namespaces; exec "$@"', 'sh']
    const { order } = await site({ 'a.txt': '' }, { command: 'echo hi > index.html' })
    expect(await inProcess(order, { within: none }).ended).toMatch(
      /not walled off from the rest of this host.*"built"/s,
    )
    const { order: other } = await site({ 'a.txt': '' }, { command: 'echo hi > index.html' })
    const refused = inProcess({ ...other, settings: { wallsRequired: true } }, { within: none })
    expect(await refused.ended).toMatch(/"error":"This host cannot wall a build off/)
  })

  it('that forks for ever is stopped, and none of it lives on', async () => {
    const { ended } = await limited('f() { sleep 3135 & f | f & }; f; sleep 3135', { processes: 30 })
    expect(await ended).toMatchObject({ code: 'build.failed', message: expect.stringMatching(/processes at once/) })
    expect(await sleepers('3135')).toEqual([])
  })

  it('that writes without end is stopped: one file, many files, a log, a line', async () => {
    const many = 'i=0; while :; do i=$((i+1)); mkdir d$i; : > d$i/f; done'
    const cases: [string, Partial<BuildLimits>, RegExp][] = [
      ['cat /dev/zero > big; sleep 60', { workBytes: 20 * MIB }, /more disk, allowed are 20 MiB/],
      [many, { workEntries: 500 }, /more files, allowed are 500/],
      ['yes', { logBytes: MIB }, /more log, allowed are 1 MiB/],
      ["tr '\\0' x < /dev/zero", { logBytes: MIB }, /more log/],
    ]
    for (const [command, limits, message] of cases) {
      const { order, ended } = await limited(command, limits)
      expect(await ended).toMatchObject({ code: 'build.failed', message: expect.stringMatching(message) })
      await expect(access(order.workFolder)).rejects.toThrow()
    }
  })

  it('that eats memory is stopped, in one process or in many', async () => {
    const eat = 'const a = []; for (;;) a.push(Buffer.alloc(1e7, 1))'
    const { ended } = await limited('node eat.cjs', { memoryBytes: 500 * MIB }, { 'eat.cjs': eat })
    expect(await ended).toMatchObject({ code: 'build.failed', message: expect.stringMatching(/memory/) })
    const slow = 'globalThis.kept = Buffer.alloc(6e7, 1); setTimeout(() => undefined, 60_000)'
    const each = 'for i in 1 2 3 4 5 6; do node slow.cjs & done; wait'
    const many = await limited(each, { memoryBytes: 400 * MIB }, { 'slow.cjs': slow })
    expect(await many.ended).toMatchObject({ message: expect.stringMatching(/MiB of memory, allowed are 400 MiB/) })
  })

  it('that leaves its group, its parent and its environment behind ends all the same', async () => {
    const { ended } = await limited('(env -i setsid /bin/sleep 3136 &) ; echo done', {})
    expect(await ended).toMatchObject({ digest: expect.any(String) })
    expect(await sleepers('3136')).toEqual([])
  })

  it('that makes folders too deep to be named, or closes them, leaves nothing behind', async () => {
    const deep =
      "const { chdir } = process; const { mkdirSync } = require('node:fs'); for (let i = 0; i < 900; i += 1) { mkdirSync('deep-deep'); chdir('deep-deep') }"
    const { order, ended } = await limited(
      'mkdir shut && : > shut/f && chmod 000 shut && node deep.cjs && sleep 60',
      { timeMs: 4000 },
      { 'deep.cjs': deep },
    )
    expect(await ended).toMatchObject({ message: expect.stringMatching(/more files|took longer/) })
    await expect(access(order.workFolder)).rejects.toThrow()
  })

  it('ends with the engine when that is killed', async () => {
    const { order } = await site({ 'index.html': '' }, { command: 'echo under way; sleep 3137' })
    const engine = inProcess(order)
    await waitFor('the build to begin', () => engine.told().includes('under way'))
    engine.child.kill('SIGKILL')
    await waitFor('the build to end', async () => (await sleepers('3137')).length === 0)
    await engine.ended
  })

  it('gets no walls raised by what its own environment says', async () => {
    const component = siteSchema.parse({
      ...{ name: 'site', kind: 'site', build: { command: 'id -u > index.html' } },
      env: {
        LD_PRELOAD: '/build/source/evil.so',
        BASH_ENV: '/build/source/evil.sh',
        ENV: '/build/source/evil.sh',
        IFS: '/',
      },
    })
    const { order, lines } = await orderOf(
      { 'evil.sh': 'id -u > /build/source/evil.txt', 'evil.so': 'no library' },
      component,
    )
    const { path } = await buildComponent(order)
    const user = (await readFile(join(path, 'index.html'), 'utf8')).trim()
    expect(user).toBe(String((await buildUser('team'))?.uid ?? process.getuid?.()))
    // Only what ran as the build itself tried to load it.
    expect(lines.filter((line) => /evil\.so/.test(line)).length).toBeLessThan(5)
    expect(await readdir(path)).not.toContain('evil.txt')
  })
})

function inProcess(order: Omit<BuildOrder, 'signal' | 'log'>, how: { uid?: number; within?: string[] } = {}) {
  const script = join(import.meta.dirname, '../../../fixtures/build/build-in-process.ts')
  const command = [...(how.within ?? []), process.execPath, '--disable-warning=ExperimentalWarning', script]
  const [program = '', ...args] = command
  const child = spawn(program, args, {
    ...(how.uid === undefined ? {} : { uid: how.uid, gid: how.uid }),
    env: { PATH: process.env.PATH, HOME: '/nonexistent' },
    cwd: '/',
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let told = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      told += text
    })
  child.stdin.end(JSON.stringify(order))
  const ended = new Promise<string>((resolve) => child.once('close', () => resolve(told)))
  return { child, told: () => told, ended }
}
