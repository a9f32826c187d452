import { once } from 'node:events'
import { access, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { Agent, createServer, get, request } from 'node:http'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { findProcess } from '../../../../engines/parts/process/list.ts'
import { SupervisorClient } from '../../../../engines/pip/provider/supervisor-client.ts'
import type { ProcessSpec } from '../../../../engines/pip/supervisor/spec.ts'
import { portIsFree } from '../../../helpers/free-port.ts'
import { tempFolder } from '../../../helpers/temp.ts'
import { waitFor } from '../../../helpers/wait-for.ts'
import { openHost, server, specFor, textOf } from './host.ts'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((supervisor) => supervisor.close()))
})
async function host(...args: Parameters<typeof openHost>) {
  const opened = await openHost(...args)
  open.push(opened.supervisor)
  return opened
}

describe('a supervisor', () => {
  it('runs a process on a port, and leaves nothing of it when it is removed', async () => {
    const { client, folder } = await host()
    const spec = await specFor(server('q.url'))
    const { url, port } = await client.setProcess(spec)
    expect(await textOf(`${url}a?b=c`)).toBe('/a?b=c')
    await client.removeProcess('demo')
    expect(await portIsFree(port)).toBe(true)
    expect(await client.process('demo')).toBeUndefined()
    for (const name of ['desired', 'instances', 'logs', 'releases'])
      expect(await readdir(join(folder, name)), name).toEqual([])
  })

  it('lets the new release answer before the old one goes: no request fails', async () => {
    const { client } = await host()
    const { url, port } = await client.setProcess(await specFor(server('"old"')))
    const answers: string[] = []
    let asking = true
    const asked = (async () => {
      while (asking) answers.push(await textOf(url).catch((error) => `failed: ${error.cause ?? error}`))
    })()
    const updated = await client.setProcess(await specFor(server('"new"')))
    await waitFor('the new release to answer', () => answers.at(-1) === 'new')
    asking = false
    await asked
    expect(updated.port).toBe(port)
    expect([...new Set(answers)]).toEqual(['old', 'new'])
  })

  it('finishes what the old release was asked, and meets kept connections with the new one', async () => {
    const { client } = await host({ grace: 10_000 })
    const slow = (name: string) => ({
      'server.js': `require('http').createServer((q, r) => setTimeout(() => r.end('${name}'), q.url === '/slow' ? 1000 : 0)).listen(process.env.PORT)`,
    })
    const { url, pid } = await client.setProcess(await specFor(slow('old')))
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    expect(await askOver(agent, url)).toBe('old')
    const late = textOf(`${url}slow`)
    await client.setProcess(await specFor(slow('new')))
    expect(await askOver(agent, url)).toBe('new')
    expect(await late).toBe('old')
    agent.destroy()
    await waitFor('the old one to end', async () => (await findProcess(pid as number)) === undefined)
  })

  it('passes on what is sent: methods, bodies, headers, status, upgrades', async () => {
    const { client } = await host()
    const echo = {
      'server.js': `const s = require('http').createServer((q, r) => {
        const parts = []
        q.on('data', (part) => parts.push(part)).on('end', () => {
          r.writeHead(207, 'Odd', [['x-a', '1'], ['Set-Cookie', 'a=1'], ['Set-Cookie', 'b=2']])
          r.end(JSON.stringify({ method: q.method, host: q.headers.host, length: Buffer.concat(parts).length, te: q.headers.te }))
        })
      }).on('upgrade', (q, socket, head) => {
        socket.write('HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: echo\\r\\n\\r\\n')
        socket.pipe(socket)
      })
      s.listen(process.env.PORT, '127.0.0.1')`,
    }
    const { url, port } = await client.setProcess(await specFor(echo, { health: '/x' }))
    const response = await fetch(`${url}x`, {
      method: 'PUT',
      body: Buffer.alloc(3_000_000),
      headers: { connection: 'close' },
    })
    expect(response.status).toBe(207)
    expect(response.statusText).toBe('Odd')
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(await response.json()).toEqual({ method: 'PUT', host: `127.0.0.1:${port}`, length: 3_000_000 })
    const upgrade = request({ port, host: '127.0.0.1', headers: { connection: 'Upgrade', upgrade: 'echo' } }).end()
    const [, socket] = (await once(upgrade, 'upgrade')) as [unknown, Socket]
    socket.write('ping')
    expect(String((await once(socket, 'data'))[0])).toBe('ping')
    socket.destroy()
  })

  it('keeps the old release when the new one never becomes healthy, and tells its last lines', async () => {
    const { client, folder } = await host()
    const talking = { 'server.js': `console.log('the old one'); ${server('"old"')['server.js']}` }
    const { url } = await client.setProcess(await specFor(talking))
    const broken = await specFor({ 'server.js': 'console.error("no such table"); process.exit(3)' })
    await expect(client.setProcess(broken)).rejects.toMatchObject({
      code: 'verify.failed',
      message: expect.stringContaining('exit code 3'),
      data: { lines: expect.arrayContaining(['no such table']) },
    })
    expect(await textOf(url)).toBe('old')
    const again = await client.setProcess(broken).catch((error) => error)
    expect(again.data.lines).not.toContain('the old one')
    expect((await readdir(join(folder, 'instances'))).length).toBe(1)
  })

  it('makes nothing of a process that is not healthy in time', async () => {
    const { client, folder } = await host({ healthy: 400 })
    const spec = await specFor({ 'server.js': 'console.log("thinking"); setInterval(() => {}, 1000)' })
    await expect(client.setProcess(spec)).rejects.toMatchObject({
      code: 'verify.failed',
      data: { lines: ['thinking'] },
    })
    const failing = await specFor({
      'server.js': server('1')['server.js']?.replace('r.end', 'r.writeHead(500).end') ?? '',
    })
    await expect(client.setProcess(failing)).rejects.toThrow(/status 500/)
    expect(await client.process('demo')).toBeUndefined()
    for (const name of ['desired', 'instances', 'logs']) expect(await readdir(join(folder, name)), name).toEqual([])
  })

  it('starts again what ends by itself, on the same port', async () => {
    const { client } = await host()
    const { url, pid, port } = await client.setProcess(
      await specFor(server('q.url === "/die" ? process.exit(9) : process.pid')),
    )
    await fetch(`${url}die`).catch(() => undefined)
    await waitFor(
      'another process to answer',
      async () => Number(await textOf(url)) > 0 && (await textOf(url)) !== String(pid),
    )
    expect(await client.process('demo')).toMatchObject({ port, state: 'running', restarts: 1 })
  })

  it('starts again what no longer answers', async () => {
    const { client } = await host({ look: 50, answer: 300 })
    const { url, pid } = await client.setProcess(
      await specFor(server('q.url === "/hang" ? (() => { for (;;); })() : process.pid')),
    )
    void fetch(`${url}hang`).catch(() => undefined)
    await waitFor(
      'another process to answer',
      async () => {
        const { pid: now, state } = (await client.process('demo')) ?? {}
        return state === 'running' && now !== pid
      },
      { timeoutMs: 60_000 },
    )
  })

  it('waits longer before each restart of what ends at once, and answers 503 meanwhile', async () => {
    const { client } = await host({ restart: 50, longest: 100_000 })
    const files = { 'server.js': `${server('1')['server.js']}; setTimeout(() => process.exit(1), 300)` }
    const { url } = await client.setProcess(await specFor(files))
    await waitFor('it to wait for its fourth start', async () => ((await client.process('demo'))?.restarts ?? 0) >= 4)
    const answer = await waitFor('nothing to run', async () => {
      const response = await fetch(url)
      return response.status === 503 ? response.text() : undefined
    })
    expect(answer).toContain('This process is not running.')
  })

  it('tells of what ends again and again, until another version runs', async () => {
    const { client } = await host({ restart: 1, longest: 5 })
    await client.setProcess(await specFor(server('setTimeout(() => process.exit(7), 50) && 1')))
    const trouble = await waitFor('a loop', async () => (await client.process('demo'))?.trouble)
    expect(trouble).toMatch(/^It ended \d+ times since .*; last: it /)
    expect((await client.setProcess(await specFor(server('"fine"')))).trouble).toBeUndefined()
  })

  it('ends what passes its memory, and starts it again', async () => {
    const { client } = await host()
    const hungry = server('q.url === "/eat" ? (global.all = Buffer.alloc(200e6, 1)).length : "fine"')
    const { url } = await client.setProcess(await specFor(hungry, { memory: 64 }))
    await textOf(`${url}eat`).catch(() => undefined)
    const status = await waitFor('a restart', async () => {
      const found = await client.process('demo')
      return found?.state === 'running' && found.restarts > 0 ? found : undefined
    })
    expect(status.lastLines.join('\n')).toMatch(/held \d+ MiB of memory, granted are 64/)
  })

  it('shows a process its own variables and folders, and neither ours nor its neighbours', async () => {
    process.env.PIPI_TEST_CANARY = 'must not be seen'
    const { client, folder } = await host()
    const look = `(() => {
      const fs = require('fs'), out = { names: Object.keys(process.env).sort(), secret: process.env.SECRET }
      const attempt = (act) => { try { act(); return 'done' } catch (error) { return error.code } }
      out.identity = attempt(() => fs.readFileSync(${JSON.stringify(`${folder}/identity.json`)}))
      out.passwd = attempt(() => fs.readFileSync('/etc/passwd'))
      out.release = attempt(() => fs.writeFileSync(__dirname + '/x', ''))
      out.home = attempt(() => fs.writeFileSync(process.env.HOME + '/x', ''))
      out.child = attempt(() => require('child_process').execSync('id'))
      return JSON.stringify(out)
    })()`
    const { url } = await client.setProcess(await specFor(server(look), { environment: { SECRET: 'line 1\nline 2' } }))
    delete process.env.PIPI_TEST_CANARY
    expect(JSON.parse(await textOf(url))).toEqual({
      names: ['HOME', 'HOST', 'LANG', 'NODE_ENV', 'PATH', 'PIPI_SUPERVISOR', 'PORT', 'SECRET', 'TMPDIR'],
      secret: 'line 1\nline 2',
      identity: 'ERR_ACCESS_DENIED',
      passwd: 'ERR_ACCESS_DENIED',
      release: 'ERR_ACCESS_DENIED',
      home: 'done',
      child: 'ERR_ACCESS_DENIED',
    })
  })

  it('lets nobody change how its process is run', async () => {
    const { client } = await host()
    const spec = await specFor(server('1'))
    for (const name of ['NODE_OPTIONS', 'LD_PRELOAD', 'PIPI_SUPERVISOR']) {
      await expect(
        client.setProcess({ ...spec, environment: { [name]: '--allow-child-process' } }),
      ).rejects.toMatchObject({
        code: 'input.invalid',
        message: expect.stringContaining('set by the host alone'),
      })
    }
  })

  it('brings back what ran when it starts again, on the same port, and answers at the same address', async () => {
    const first = await openHost()
    const { url, pid } = await first.client.setProcess(await specFor(server('"here"')))
    await first.supervisor.close()
    await expect(fetch(url)).rejects.toThrow()
    expect(() => process.kill(pid as number, 0)).toThrow()
    const second = await host({}, first.folder)
    expect(await waitFor('it to answer', async () => (await textOf(url)) === 'here')).toBe(true)
    expect(second.supervisor.address).toBe(first.supervisor.address)
    expect(await first.client.processes()).toHaveLength(1)
  })

  it('moves a process whose port somebody else has taken meanwhile', async () => {
    const first = await openHost()
    const { port } = await first.client.setProcess(await specFor(server('"here"')))
    await first.supervisor.close()
    const thief = createServer().listen(port, '127.0.0.1')
    await once(thief, 'listening')
    const { client } = await host({}, first.folder)
    const moved = await client.process('demo')
    expect(moved?.port).not.toBe(port)
    await waitFor('it to answer', async () => (await textOf(moved?.url ?? '')) === 'here')
    thief.close()
  })

  it('works in a folder that is reached through a link', async () => {
    const real = await tempFolder('real')
    await symlink(real, `${real}-link`)
    const { client } = await host({}, join(`${real}-link`, 'a "b" c'))
    const { url } = await client.setProcess(await specFor({ 'index.html': 'hello' }))
    expect(await textOf(url)).toBe('hello')
  })

  it('puts aside what it cannot read, and runs the rest', async () => {
    const first = await openHost()
    const { url } = await first.client.setProcess(await specFor(server('"here"')))
    await first.supervisor.close()
    await writeFile(join(first.folder, 'desired/broken.json'), '{"spec":')
    await writeFile(join(first.folder, 'desired/half.json.new'), '{')
    await host({}, first.folder)
    await waitFor('it to answer', async () => (await textOf(url)) === 'here')
    expect(await readdir(join(first.folder, 'desired'))).toContain('broken.json.unreadable')
  })

  it('refuses a folder that another supervisor has', async () => {
    const { folder } = await host()
    await expect(openHost({}, folder)).rejects.toMatchObject({ code: 'conflict.state' })
  })

  it('ends while something is being started, and forgets what was not healthy yet', async () => {
    const { folder, supervisor } = await openHost()
    const spec = await specFor({ 'server.js': 'setInterval(() => {}, 1000)' })
    const impatient = new SupervisorClient(supervisor.address, 100)
    const setting = impatient.setProcess(spec).catch((error) => error)
    await waitFor('it to be started', async () => (await readdir(join(folder, 'instances'))).length === 1)
    await supervisor.close()
    expect(await setting).toBeInstanceOf(Error)
    expect(await readdir(join(folder, 'desired'))).toEqual([])
    expect(await readdir(join(folder, 'instances'))).toEqual([])
  })

  it('gives different ports to processes that are made at the same time', async () => {
    const { client } = await host()
    const spec = await specFor({ 'index.html': 'x' })
    const made = await Promise.all(['a1', 'b1', 'c1'].map((name) => client.setProcess({ ...spec, name })))
    expect(new Set(made.map(({ port }) => port)).size).toBe(3)
  })

  it('takes an artifact only as it was built, and no larger than granted', async () => {
    const { client, folder } = await host()
    const spec = await specFor({ 'index.html': 'hello' })
    await expect(client.setProcess({ ...spec, bytes: 4 })).rejects.toThrow(/has 5 bytes, granted are 4/)
    await writeFile(join(spec.source, 'index.html'), 'other')
    await expect(client.setProcess(spec)).rejects.toThrow(/not the one that was built/)
    await expect(client.setProcess({ ...spec, source: '/nowhere' })).rejects.toThrow(/cannot be read/)
    expect(await readdir(join(folder, 'releases'))).toEqual([])
  })

  it('keeps its own copy of an artifact, and the last five releases: going back to one needs no source', async () => {
    const { client, folder } = await host()
    const specs = []
    for (const text of ['one', 'two', 'three', 'four', 'five', 'six']) {
      const spec = await specFor({ 'index.html': text })
      await client.setProcess(spec)
      await rm(spec.source, { recursive: true })
      specs.push(spec)
    }
    const [first, second] = specs as [ProcessSpec, ProcessSpec]
    expect(await client.hasRelease(first)).toBe(false)
    expect(await client.hasRelease(second)).toBe(true)
    const { url, releases } = await client.setProcess(second)
    expect(await textOf(url)).toBe('two')
    expect(releases?.[0]).toBe(second.digest.slice(0, 16))
    expect(releases?.slice(1)).toEqual(
      specs
        .slice(2)
        .reverse()
        .map(({ digest }) => digest.slice(0, 16)),
    )
    await expect(client.setProcess(first)).rejects.toThrow(/cannot be read/)
    await expect(client.setProcess({ ...(await specFor(server('process.exit(1)'))), health: '/x' })).rejects.toThrow()
    expect(await readdir(join(folder, 'releases/demo'))).toHaveLength(5)
    expect(await textOf(url)).toBe('two')
  })

  it('keeps large releases only as far as they were granted', async () => {
    const { client } = await host()
    const large = await specFor({ 'index.html': 'large', 'film.mp4': 'x'.repeat(20 * 1024 ** 2) })
    await client.setProcess(large)
    const { releases } = await client.setProcess(await specFor({ 'index.html': 'small' }))
    expect(releases).toHaveLength(1)
  })

  it('shows what was changed in a release behind its back, and puts it right when it is asked to', async () => {
    const { client, folder } = await host()
    const spec = await specFor({ 'index.html': 'hello' })
    const { url } = await client.setProcess(spec)
    const place = join(folder, 'releases/demo', spec.digest.slice(0, 16))
    await writeFile(join(place, 'index.html'), 'defaced')
    expect((await client.process('demo'))?.spec.digest).not.toBe(spec.digest)
    await client.setProcess(spec)
    expect(await textOf(url)).toBe('hello')
    await rm(place, { recursive: true })
    expect((await client.process('demo'))?.spec.digest).toBe('0'.repeat(64))
  })

  it('answers nobody without its token, and nothing that is not asked for properly', async () => {
    const { supervisor, folder } = await host()
    const { origin } = new URL(supervisor.address)
    expect((await fetch(`${origin}/processes`)).status).toBe(401)
    expect((await fetch(`${origin}/processes`, { headers: { authorization: 'Bearer x' } })).status).toBe(401)
    const { token } = JSON.parse(await readFile(join(folder, 'identity.json'), 'utf8'))
    const ask = (path: string, init: RequestInit = {}) =>
      fetch(origin + path, { ...init, headers: { authorization: `Bearer ${token}` } }).then(
        (response) => response.status,
      )
    expect(await ask('/processes')).toBe(200)
    expect(await ask('/nothing')).toBe(404)
    expect(await ask('/processes/..%2f..%2fetc', { method: 'DELETE' })).toBe(422)
    expect(await ask('/processes/%ff')).toBe(422)
    expect(await ask('/processes/demo', { method: 'PUT', body: '{' })).toBe(422)
    expect(await ask('/processes/demo', { method: 'PUT', body: '{"name":"demo"}' })).toBe(422)
    await expect(access(join(folder, 'identity.json'))).resolves.toBeUndefined()
  })

  it('is unreachable, in words, once it has ended', async () => {
    const { supervisor } = await openHost()
    await supervisor.close()
    const client = new SupervisorClient(supervisor.address, 100)
    await expect(client.processes()).rejects.toMatchObject({ code: 'platform.unreachable' })
  })
})

async function askOver(agent: Agent, url: string): Promise<string> {
  const [response] = await once(get(url, { agent }), 'response')
  return text(response)
}
