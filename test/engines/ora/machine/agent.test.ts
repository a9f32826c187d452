import { readdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parseSchedule } from '../../../../engines/parts/schedule/cron.ts'
import { writeZip } from '../../../../stacks/sandbox/zip/write.ts'
import { tempFolder } from '../../../helpers/temp.ts'
import { waitFor } from '../../../helpers/wait-for.ts'
import { component } from '../../use-cloud.ts'
import { agentModule, Stage, spec } from './stage.ts'

const { commandOf } = await agentModule<{ commandOf: (...given: unknown[]) => Command }>('command')
const { openGate } = await agentModule<{ openGate: (at: { port: number; host: string }) => Promise<Gate> }>('gate')
const { unzip } = await agentModule<{ unzip: (bytes: Buffer | undefined, folder: string) => Promise<void> }>('unzip')

interface Command {
  command: string
  args: string[]
  environment: Record<string, string>
}
interface Gate {
  port: number
  lead(prefix: string, to: { port: number; release: string }): void
  close(): Promise<void>
}

const api = component({ kind: 'service', name: 'api' })
const saying = (text: string) => ({
  'server.js': `require('node:http').createServer((_, response) => response.end('${text}')).listen(process.env.PORT)`,
})
const ask = async (port: number, path = '/') => (await fetch(`http://127.0.0.1:${port}${path}`)).text()

describe("the machine's agent", () => {
  it('goes on with what runs when a release is not healthy, was changed on the way, or cannot be fetched', async () => {
    const stage = new Stage()
    const folder = await tempFolder('machine')
    const agent = await stage.start(folder)
    expect((await fetch(`http://127.0.0.1:${agent.port}/`)).status).toBe(503)
    const good = await stage.release(api, saying('good'))
    stage.want(spec('api', good))
    await agent.look()
    expect(await ask(agent.port)).toBe('good')

    const broken = await stage.release(api, { 'server.js': "throw new Error('no')" })
    stage.want(spec('api', broken))
    await agent.look()
    expect(stage.lines.join('\n')).toContain('api: did not answer / in 3 s; what ran before goes on')

    const changed = await stage.release(api, saying('changed'))
    stage.objects.set(`${changed}.zip`, stage.objects.get(`${good}.zip`) as Buffer)
    stage.want(spec('api', changed))
    await agent.look()
    expect(stage.lines.at(-1)).toContain(`has the sha256 ${good}, expected ${changed}`)

    stage.want(spec('api', 'f'.repeat(64)))
    await agent.look()
    expect(stage.lines.at(-1)).toContain('was answered 404')
    expect(await ask(agent.port)).toBe('good')
    expect(await readdir(join(folder, 'releases'))).toContain(good)
  })

  it('starts again with what it ran, by itself and without anybody to ask, and a program that ended is started anew', async () => {
    const stage = new Stage()
    const folder = await tempFolder('machine')
    const first = await stage.start(folder)
    const dying = await stage.release(api, {
      'server.js': `require('node:http').createServer((request, response) => {
        if (request.url === '/die') process.exit(1)
        response.end(String(process.pid))
      }).listen(process.env.PORT)`,
    })
    stage.want(spec('api', dying))
    await first.look()
    const before = await ask(first.port)
    await fetch(`http://127.0.0.1:${first.port}/die`)
    const answers = () => fetch(`http://127.0.0.1:${first.port}/`).then(async (one) => one.ok && one.text())
    expect(await waitFor('the program again', answers)).not.toBe(before)
    await first.close()

    stage.outOfReach = true
    stage.objects.clear()
    const second = await stage.start(folder)
    await second.look()
    expect(Number(await ask(second.port))).toBeGreaterThan(0)
  })

  it('takes away what is not wanted any more, and leaves for the agent that is wanted', async () => {
    const stage = new Stage()
    const folder = await tempFolder('machine')
    let outdated = 0
    const agent = await stage.start(folder, { version: 'a', onOutdated: () => (outdated += 1) })
    const [one, two] = [await stage.release(api, saying('one')), await stage.release(api, saying('two'))]
    stage.want(spec('one', one), spec('two', two, { prefix: '/two/' }))
    await agent.look()
    expect([await ask(agent.port), await ask(agent.port, '/two/')]).toEqual(['one', 'two'])
    stage.want(spec('one', one))
    await agent.look()
    expect(await ask(agent.port, '/two/')).toBe('one')
    expect(await readdir(join(folder, 'releases'))).toEqual([one])
    stage.wanted = { ...stage.wanted, agent: 'b' }
    await agent.look()
    expect(outdated).toBe(1)
  })

  it('runs a job in the minute that its schedule names, once, and ends one that takes too long', async () => {
    const stage = new Stage()
    const agent = await stage.start(await tempFolder('machine'))
    const visits: string[] = []
    const visited = createServer((request, response) => {
      visits.push(String(request.url))
      response.end()
    }).listen(0, '127.0.0.1')
    await waitFor('a port', () => visited.listening)
    onTestFinished(() => void visited.close())
    const { port } = visited.address() as { port: number }
    const job = component({ kind: 'job', name: 'nightly', schedule: '15 3 * * 1' })
    const quick = await stage.release(job, { 'job.js': "fetch(process.env.AT + '/ran')" })
    const slow = await stage.release(job, { 'job.js': 'setInterval(() => {}, 1000)' })
    const environment = { AT: `http://127.0.0.1:${port}` }
    const schedule = parseSchedule(job.schedule)
    const { prefix: _, health: __, ...plain } = spec('nightly', quick, { environment, schedule, timeoutS: 20 })
    stage.want(plain, { ...plain, name: 'slow', release: slow, schedule: parseSchedule('0 0 1 1 *'), timeoutS: 1 })
    await agent.look()
    // A Monday, minute by minute.
    for (const time of ['03:13:00', '03:14:59', '03:15:00', '03:15:30', '03:16:00'])
      agent.tick(Date.parse(`2026-11-23T${time}Z`))
    await waitFor('the job', () => visits.length > 0)
    agent.tick(Date.parse('2026-11-24T03:15:00Z'))
    expect(await agent.runJob('slow')).toBe(false)
    expect(await agent.runJob('nobody')).toBeUndefined()
    expect(visits).toEqual(['/ran'])
    expect(stage.lines).toContain('the job slow ended with SIGKILL')
  })

  it('starts a JVM with a heap that fits, and tells no program more than its own environment', async () => {
    const stage = new Stage()
    const jvm = component({ kind: 'service', name: 'api', runtime: 'jvm', jar: 'app.jar' })
    const digest = await stage.release(jvm, { 'app.jar': 'bytes' })
    const folder = await tempFolder('unpacked')
    await unzip(stage.objects.get(`${digest}.zip`), folder)
    const given = spec('api', digest, { memoryMb: 1024, environment: { GREETING: 'hello' } })
    const { command, args, environment } = commandOf(given, folder, { port: 8123, home: '/home' })
    expect([command, ...args]).toEqual([
      'java',
      '-Xmx768m',
      '-XX:+ExitOnOutOfMemoryError',
      '-jar',
      `${folder}/app/app.jar`,
    ])
    expect(Object.keys(environment).sort()).toEqual(
      ['GREETING', 'HOME', 'HOST', 'LANG', 'PATH', 'PORT', 'SERVER_PORT', 'TMPDIR'].sort(),
    )
  })

  it('unpacks nothing outside its folder', async () => {
    const folder = await tempFolder('unpacked')
    const zip = Buffer.from(await writeZip([{ path: 'aa/evil.txt', bytes: Buffer.from('x') }]))
    for (let at = zip.indexOf('aa/evil'); at >= 0; at = zip.indexOf('aa/evil', at + 1)) zip.write('../evil', at)
    await expect(unzip(zip, folder)).rejects.toThrow('lies outside')
  })

  it('passes on what is asked below a name without that name, and WebSockets as they are', async () => {
    const seen: string[] = []
    const behind = createServer((request, response) => {
      seen.push(
        `${request.url} ${request.headers['x-forwarded-prefix'] ?? '-'} ${request.headers['pipi-health'] ?? '-'}`,
      )
      response.end('ok')
    })
    behind.on('upgrade', (request, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n')
      socket.write(`hello ${request.url}`)
    })
    behind.listen(0, '127.0.0.1')
    await waitFor('a port', () => behind.listening)
    onTestFinished(() => void behind.close())
    const gate = await openGate({ port: 0, host: '127.0.0.1' })
    const to = { port: (behind.address() as { port: number }).port, release: 'r1' }
    gate.lead('/api/', to)
    const at = (path: string) =>
      fetch(`http://127.0.0.1:${gate.port}${path}`, { redirect: 'manual', headers: { 'pipi-health': '1' } })
    expect((await at('/')).status).toBe(404)
    const moved = await at('/api?x=1')
    expect([moved.status, moved.headers.get('location')]).toEqual([308, '/api/?x=1'])
    expect((await at('/api/deep?x=1')).headers.get('pipi-release')).toBe('r1')
    gate.lead('/', to)
    await at('/deep')
    expect(seen).toEqual(['/deep?x=1 /api -', '/deep - -'])
    const socket = connect(gate.port, '127.0.0.1')
    socket.write('GET /api/live HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: echo\r\n\r\n')
    let got = ''
    socket.on('data', (bytes) => {
      got += bytes
    })
    await waitFor('the echo', () => got.endsWith('hello /live'))
    // What ends cuts what would never end by itself.
    await gate.close()
    await waitFor('the end', () => socket.destroyed)
  })
})
