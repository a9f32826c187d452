import { spawn } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { freePort, portIsFree } from '../helpers/free-port.ts'
import { processesOf } from '../helpers/leaks.ts'
import { testDatabase } from '../helpers/postgres.ts'
import { redisProgram } from '../helpers/redis.ts'
import { tempFolder } from '../helpers/temp.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { startPipi } from './helpers/pipi.ts'
import { startPlatform, type TestPlatform } from './helpers/platform.ts'

/** Only our own host: these stories are about the platform's life. */
const SMALL = { PIPI_ENGINES: 'pip' }

async function platformOf(data: string, env: Record<string, string> = SMALL): Promise<TestPlatform> {
  const platform = await startPlatform(data, env)
  onTestFinished(async () => {
    platform.process.kill('SIGKILL')
    await platform.process.ended
  })
  return platform
}

const ofFolder = (data: string) => processesOf(data)
const children = (data: string, word: string) => ofFolder(data).filter((one) => one.command.includes(word))

async function stockOf(platform: TestPlatform) {
  const { items } = (await platform.pipi('stock', '--json')).json<{
    items: { engine: string; clones: { clone: string; state: string; pid: number }[] }[]
  }>()
  return items.flatMap((one) => one.clones)
}

describe('a platform', () => {
  it('says where it answers, keeps others off its folder, and leaves no process behind when it stops', async () => {
    const data = await tempFolder('data', 0o711)
    const platform = await platformOf(data)
    expect(JSON.parse(await readFile(join(data, 'platform.json'), 'utf8'))).toMatchObject({ url: platform.url })
    expect((await fetch(`${platform.url}/readyz`)).status).toBe(200)
    await waitFor('a clone', async () => (await stockOf(platform)).some((one) => one.state === 'idle'))

    const second = await startPipi(['serve', '--data', data, '--port', '0', '--json'], { env: SMALL }).ended
    expect(second.code).toBe(1)
    expect(second.json()).toMatchObject({
      error: { code: 'conflict.state', message: expect.stringContaining('another platform') },
    })
    expect((await fetch(`${platform.url}/healthz`)).status).toBe(200)

    platform.process.kill('SIGTERM')
    expect(await platform.process.ended).toMatchObject({ code: 0 })
    expect(ofFolder(data)).toEqual([])
    expect(await portIsFree(Number(new URL(platform.url).port))).toBe(true)
    await expect(stat(join(data, 'platform.json'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('tells no secret in arguments or environments of what it starts, nor in its log', async () => {
    const data = await tempFolder('data', 0o711)
    const platform = await platformOf(data, { ...SMALL, PIPI_LOG_LEVEL: 'debug' })
    await waitFor('a clone', async () => (await stockOf(platform)).some((one) => one.state === 'idle'))
    const files = ['owner-token', 'secret', 'postgres-password']
    const secrets = await Promise.all(files.map(async (file) => (await readFile(join(data, file), 'utf8')).trim()))
    const started = ofFolder(data)
    expect(started.length).toBeGreaterThan(2)
    for (const { pid, command } of started) {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
      for (const secret of secrets) expect(`${command} ${environment}`, `process ${pid}`).not.toContain(secret)
    }
    for (const secret of secrets) expect(platform.process.stderr() + platform.process.stdout()).not.toContain(secret)
  })

  it('says so when its port is in use, and leaves nothing behind', async () => {
    const data = await tempFolder('data', 0o711)
    const running = await platformOf(data)
    const other = await tempFolder('other', 0o711)
    const port = new URL(running.url).port
    const refused = await startPipi(['serve', '--data', other, '--port', port, '--json'], { env: SMALL }).ended
    expect(refused.json()).toMatchObject({
      error: { message: expect.stringContaining(`port ${port}`), hint: expect.stringContaining('--port') },
    })
    expect(ofFolder(other)).toEqual([])
  })

  it('takes everything with it when it is killed, and starts again from what is written', async () => {
    const data = await tempFolder('data', 0o711)
    const killed = await platformOf(data)
    await waitFor('a clone', async () => (await stockOf(killed)).length > 0)
    killed.process.kill('SIGKILL')
    await killed.process.ended
    await waitFor('its children to end', () => ofFolder(data).length === 0, { timeoutMs: 40_000 })
    const again = await platformOf(data)
    await waitFor(
      'a clone of the new life alone',
      async () => (await stockOf(again)).filter((one) => one.state === 'idle').length === 1,
    )
    expect((await again.pipi('list', '--json')).code).toBe(0)
  })

  it('breeds another clone when one is killed', async () => {
    const data = await tempFolder('data', 0o711)
    const platform = await platformOf(data)
    const [first] = await waitFor('a clone', async () => {
      const clones = (await stockOf(platform)).filter((one) => one.state === 'idle')
      return clones.length > 0 && clones
    })
    process.kill(first?.pid as number, 'SIGKILL')
    await waitFor('another', async () =>
      (await stockOf(platform)).some((one) => one.clone !== first?.clone && one.state === 'idle'),
    )
    expect((await stockOf(platform)).map((one) => one.clone)).not.toContain(first?.clone)
  })

  it("goes on when its database or its host's supervisor is killed", async () => {
    const data = await tempFolder('data', 0o711)
    const platform = await platformOf(data)
    const companion = children(data, 'supervisor')[0]
    if (companion === undefined) throw new Error('no supervisor runs')
    process.kill(companion.pid, 'SIGKILL')
    await waitFor('another supervisor', () => children(data, 'supervisor').some((one) => one.pid !== companion.pid))
    process.kill(await databaseOf(data), 'SIGKILL')
    await waitFor('the database to answer again', async () => (await fetch(`${platform.url}/readyz`)).status === 200, {
      timeoutMs: 40_000,
    })
    await waitFor(
      'a clone to give signs of life again',
      async () => (await stockOf(platform)).some((one) => one.state === 'idle'),
      { timeoutMs: 40_000 },
    )
    const deployed = await platform.pipi('deploy', 'examples/research-site', '--engine', 'pip', '--json')
    expect(deployed.json()).toMatchObject({ status: 'succeeded' })
  })
})

describe('platforms that share a database', () => {
  it('work side by side: what one accepts, either deploys', async () => {
    const { url, drop } = await testDatabase({ migrated: false })
    onTestFinished(drop)
    const env = { ...SMALL, DATABASE_URL: url, PIPI_MASTER_KEY: 'ab'.repeat(32) }
    const [one, two] = await Promise.all([
      platformOf(await tempFolder('one', 0o711), env),
      platformOf(await tempFolder('two', 0o711), env),
    ])
    await waitFor(
      'a clone each',
      async () => (await stockOf(one)).filter((clone) => clone.state === 'idle').length >= 1,
    )
    const deployed = await one.pipi('deploy', 'examples/research-site', '--engine', 'pip', '--json')
    expect(deployed.json()).toMatchObject({ status: 'succeeded' })
    expect((await two.pipi('list', '--json')).json()).toMatchObject({ items: [{ live: true }] })
    for (const platform of [one, two]) {
      platform.process.kill('SIGTERM')
      expect(await platform.process.ended).toMatchObject({ code: 0 })
    }
  })
})

describe('a queue in Redis', () => {
  it('carries deployments as well, and its loss loses none', async ({ skip }) => {
    const found = await redisProgram()
    if ('missing' in found) return skip(found.missing)
    const port = await freePort()
    const folder = await tempFolder('redis')
    const start = () =>
      spawn(found.program, ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder], {
        stdio: 'ignore',
        env: { PATH: process.env.PATH, TMPDIR: folder, ...found.environment },
      })
    let redis = start()
    onTestFinished(() => void redis.kill('SIGKILL'))
    const platform = await platformOf(await tempFolder('data', 0o711), {
      ...SMALL,
      REDIS_URL: `redis://127.0.0.1:${port}`,
    })
    const deploy = () => platform.pipi('deploy', 'examples/research-site', '--engine', 'pip', '--json')
    expect((await deploy()).json()).toMatchObject({ status: 'succeeded' })
    redis.kill('SIGKILL')
    const waiting = deploy()
    await waitFor(
      'it to be accepted',
      async () => (await platform.pipi('queue', '--json')).json<{ items: unknown[] }>().items.length > 0,
    )
    redis = start()
    expect((await waiting).json()).toMatchObject({ status: 'succeeded' })
    platform.process.kill('SIGTERM')
    await platform.process.ended
  })
})

/** Process id of the database server of a data folder. */
async function databaseOf(data: string): Promise<number> {
  return Number((await readFile(join(data, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0])
}
