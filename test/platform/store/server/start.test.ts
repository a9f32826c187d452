import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { openStore } from '../../../../platform/store/open.ts'
import { startServer } from '../../../../platform/store/server/start.ts'
import { tempFolder } from '../../../helpers/temp.ts'
import { waitFor } from '../../../helpers/wait-for.ts'

const ROOT = process.getuid?.() === 0
const CACHE = ROOT ? '/var/cache/pipi-engines' : path.join(process.env.PIPI_TEST_TMP ?? '/tmp', 'pipi-engines')
const open: { child: ChildProcess; ended: Promise<unknown> }[] = []
afterEach(async () => {
  for (const { child, ended } of open.splice(0)) {
    child.stdin?.end()
    await ended
  }
})

interface Said {
  url?: string
  port?: number
  message?: string
  stopped?: boolean
  error?: { code: string; message: string }
}

/** A process of its own that starts a server, as this user or another. */
async function platform(
  data: string,
  options: { uid?: number; cache?: string } = {},
): Promise<{ said: Said[]; child: ChildProcess; ready: Said; ended: Promise<unknown> }> {
  const script = path.join(import.meta.dirname, 'platform-of-test.ts')
  const child = spawn(process.execPath, [script, data, options.cache ?? CACHE], {
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  open.push({ child, ended })
  const said: Said[] = []
  let rest = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    said.push(...lines.map((line) => JSON.parse(line) as Said))
  })
  const ready = await waitFor(
    'the server to be there or not',
    () => said.find((one) => one.port !== undefined || one.error !== undefined),
    { timeoutMs: 60_000 },
  )
  return { said, child, ready, ended }
}

/** The server's process id while it lives. */
async function postmaster(data: string): Promise<number | undefined> {
  const pid = Number.parseInt(await readFile(path.join(data, 'postgres', 'postmaster.pid'), 'utf8').catch(() => ''), 10)
  const alive = Number.isInteger(pid) && (await stat(`/proc/${pid}`).catch(() => undefined)) !== undefined
  return alive ? pid : undefined
}

async function answers(url: string): Promise<unknown> {
  const db = openStore(url, { connections: 1 })
  try {
    return (await db.query<{ one: number }>('select 1 as one'))[0]?.one
  } finally {
    await db.close()
  }
}

describe('the database server', () => {
  it('works in a closed folder, in a path with spaces, and keeps its port and data', async () => {
    const data = path.join(await tempFolder(), 'with some spaces', 'data')
    const first = await startServer({ data, cache: CACHE, durable: false })
    const db = openStore(first.url)
    await db.query('create table kept (x int)')
    await db.close()
    await first.stop()
    expect(await postmaster(data)).toBeUndefined()
    const second = await startServer({ data, cache: CACHE, durable: false })
    expect(second.port).toBe(first.port)
    const again = openStore(second.url)
    expect(await again.query('select * from kept')).toEqual([])
    await again.close()
    await second.stop()
  })

  it('tells its secrets to nobody', async () => {
    const data = await tempFolder()
    const server = await startServer({ data, cache: CACHE, durable: false })
    const password = await readFile(path.join(data, 'postgres-password'), 'utf8')
    for (const name of ['postgres-password', 'postgres.json', 'postgres.log'])
      expect((await stat(path.join(data, name))).mode & 0o077, name).toBe(0)
    expect((await stat(path.join(data, 'postgres'))).mode & 0o077).toBe(0)
    const pid = await postmaster(data)
    expect(await readFile(`/proc/${pid}/cmdline`, 'utf8')).not.toContain(password)
    expect(await readFile(`/proc/${pid}/environ`, 'utf8')).not.toContain(password)
    const wrong = new URL(server.url)
    wrong.password = 'wrong'
    await expect(answers(wrong.href)).rejects.toThrow(/password/)
    await server.stop()
  })

  it('listens on loopback only', async () => {
    const data = await tempFolder()
    const server = await startServer({ data, cache: CACHE, durable: false })
    const db = openStore(server.url, { connections: 1 })
    expect(
      await db.query(
        `select current_setting('listen_addresses') as listen, current_setting('unix_socket_directories') as sockets`,
      ),
    ).toEqual([{ listen: '127.0.0.1', sockets: '' }])
    await db.close()
    await server.stop()
  })

  it('ends by itself when its platform is killed with -9, and starts again on what is left', async () => {
    const data = await tempFolder()
    const { child, ready } = await platform(data)
    expect(await answers(ready.url ?? '')).toBe(1)
    child.kill('SIGKILL')
    const again = await platform(data)
    expect(again.ready.port).toBeDefined()
    expect(await answers(again.ready.url ?? '')).toBe(1)
    again.child.kill('SIGKILL')
    await waitFor('the server to end by itself', async () => (await postmaster(data)) === undefined)
  })

  it('is started again on its port when it was killed with -9, with what was committed', async () => {
    const data = await tempFolder()
    const messages: string[] = []
    const server = await startServer({ data, cache: CACHE, log: (message) => messages.push(message) })
    const db = openStore(server.url)
    await db.query('create table kept (x int)')
    process.kill((await postmaster(data)) ?? 0, 'SIGKILL')
    await waitFor(
      'the server to answer again',
      async () => (await db.query('select * from kept')).length === 0 && messages.length > 0,
    )
    expect(messages[0]).toContain('starting it again')
    await db.close()
    await server.stop()
    expect(await postmaster(data)).toBeUndefined()
  })

  it("leaves the terminal's Ctrl-C to its platform", async () => {
    const data = await tempFolder()
    const server = await startServer({ data, cache: CACHE, durable: false })
    const fields = (await readFile(`/proc/${await postmaster(data)}/stat`, 'utf8')).split(') ')[1]?.split(' ')
    const ours = (await readFile('/proc/self/stat', 'utf8')).split(') ')[1]?.split(' ')
    expect(fields?.[3]).not.toBe(ours?.[3])
    await server.stop()
  })

  it('moves to another port when its own is taken', async () => {
    const data = await tempFolder()
    const first = await startServer({ data, cache: CACHE, durable: false })
    await first.stop()
    const taker = await new Promise<Server>((resolve) => {
      const made = createServer()
      made.listen(first.port, '127.0.0.1', () => resolve(made))
    })
    const messages: string[] = []
    const second = await startServer({ data, cache: CACHE, durable: false, log: (message) => messages.push(message) })
    expect(second.port).not.toBe(first.port)
    expect(messages).toContainEqual(expect.stringContaining('is taken'))
    await second.stop()
    await new Promise((resolve) => taker.close(resolve))
  })

  it('is refused to a second platform on the same folder, which leaves the first alone', async () => {
    const data = await tempFolder()
    const first = await platform(data)
    await expect(startServer({ data, cache: CACHE, durable: false })).rejects.toMatchObject({
      code: 'conflict.state',
      message: expect.stringContaining(String(first.child.pid)),
    })
    expect(await answers(first.ready.url ?? '')).toBe(1)
  })

  it('makes its cluster again when it was killed while making it', async () => {
    const data = await tempFolder()
    await (await startServer({ data, cache: CACHE, durable: false })).stop()
    await rm(path.join(data, 'postgres', 'base'), { recursive: true })
    await rm(path.join(data, 'postgres.json'))
    execFileSync('touch', [path.join(data, 'postgres-initialising')])
    const server = await startServer({ data, cache: CACHE, durable: false })
    expect(await answers(server.url)).toBe(1)
    await server.stop()
  })

  it('does not touch a folder that is no cluster of its own', async () => {
    const data = await tempFolder()
    await mkdir(path.join(data, 'postgres', 'thesis'), { recursive: true })
    await expect(startServer({ data, cache: CACHE, durable: false })).rejects.toMatchObject({ code: 'conflict.state' })
    expect((await stat(path.join(data, 'postgres', 'thesis'))).isDirectory()).toBe(true)
  })
})

describe.skipIf(!ROOT)('the database server, started as root', () => {
  it('works below /root and runs as another user there', async () => {
    const parent = await mkdtemp('/root/pipi test ')
    try {
      const data = path.join(parent, 'data')
      const before = (await stat('/root')).mode
      const server = await startServer({ data, cache: CACHE, durable: false })
      expect(await answers(server.url)).toBe(1)
      expect((await stat(`/proc/${await postmaster(data)}`)).uid).not.toBe(0)
      expect((await stat('/root')).mode).toBe(before)
      expect((await stat(parent)).mode & 0o777).toBe(0o700)
      await server.stop()
    } finally {
      await rm(parent, { recursive: true, force: true })
    }
  })

  it("uses the system's cache folder where the given one is closed to the server's user", async () => {
    const closed = await tempFolder()
    const messages: string[] = []
    const server = await startServer({
      data: await tempFolder(),
      cache: path.join(closed, 'cache'),
      durable: false,
      log: (message) => messages.push(message),
    })
    expect(await answers(server.url)).toBe(1)
    expect(messages).toContainEqual(expect.stringContaining('/var/cache/pipi-engines'))
    await server.stop()
  })

  it('copies its programs into an open cache folder, once, also when two start at once', async () => {
    const open_ = await mkdtemp('/var/tmp/pipi-test-cache-')
    await chmod(open_, 0o755)
    try {
      const [a, b] = await Promise.all([
        startServer({ data: await tempFolder(), cache: open_, durable: false }),
        startServer({ data: await tempFolder(), cache: open_, durable: false }),
      ])
      expect(execFileSync('ls', [open_], { encoding: 'utf8' }).trim().split('\n')).toHaveLength(1)
      await a.stop()
      await b.stop()
    } finally {
      await rm(open_, { recursive: true, force: true })
    }
  })

  it('works for a normal user too', async (context) => {
    const uid = Number(execFileSync('id', ['-u', 'nobody'], { encoding: 'utf8' }))
    const folder = await mkdtemp('/var/tmp/pipi-test-user-')
    try {
      execFileSync('chown', [String(uid), folder])
      const readable = execFileSync(
        'sh',
        [
          '-c',
          `setpriv --reuid=${uid} --clear-groups test -r ${JSON.stringify(import.meta.filename)} && echo yes || echo no`,
        ],
        { encoding: 'utf8' },
      ).trim()
      if (readable !== 'yes') context.skip('this checkout is closed to other users')
      const { ready } = await platform(path.join(folder, 'data'), { uid })
      expect(await answers(ready.url ?? '')).toBe(1)
      expect((await stat(`/proc/${await postmaster(path.join(folder, 'data'))}`)).uid).toBe(uid)
    } finally {
      for (const { child, ended } of open.splice(0)) {
        child.stdin?.end()
        await ended
      }
      await rm(folder, { recursive: true, force: true })
    }
  })
})
