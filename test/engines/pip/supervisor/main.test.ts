import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, it } from 'vitest'
import { findProcess } from '../../../../engines/parts/process/list.ts'
import { SupervisorClient } from '../../../../engines/pip/provider/supervisor-client.ts'
import { processSpecSchema } from '../../../../engines/pip/supervisor/spec.ts'
import { tempFolder } from '../../../helpers/temp.ts'
import { waitFor } from '../../../helpers/wait-for.ts'
import { artifactIn, server, specFor, textOf } from './host.ts'
import { HAS_JDK, jarOf, NO_JDK, serverInJava } from './jar.ts'

const MAIN = join(import.meta.dirname, '../../../../engines/pip/supervisor/main.ts')

const started: ChildProcess[] = []
afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM')
      await once(child, 'exit')
    }
  }
})

describe('the supervisor as a process', () => {
  it('ends what it runs on SIGTERM, and brings it back when it starts again', async () => {
    const { child, client, folder } = await start()
    const { url, pid } = await client.setProcess(await specFor(server('"here"')))
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(await lives(pid)).toBe(false)
    await start(folder)
    await waitFor('it to answer again', async () => (await textOf(url)) === 'here')
  })

  it('takes its children along when it is killed, also those that hang', async () => {
    const { child, client, folder } = await start()
    const hang = 'q.url === "/hang" ? (() => { for (;;); })() : process.pid'
    const nice = await client.setProcess({ ...(await specFor(server(hang))), name: 'nice' })
    const hanging = await client.setProcess({ ...(await specFor(server(hang))), name: 'hanging' })
    const hung = fetch(`${hanging.url}hang`).catch(() => undefined)
    await waitFor('it to hang', async () => !(await answersWithin(hanging.url, 200)))
    child.kill('SIGKILL')
    await once(child, 'exit')
    await hung
    await waitFor('the nice one to notice', async () => !(await lives(nice.pid)))
    expect(await lives(hanging.pid)).toBe(true)
    await start(folder)
    expect(await lives(hanging.pid)).toBe(false)
    await waitFor(
      'both to answer again',
      async () => Number(await textOf(nice.url)) > 0 && Number(await textOf(hanging.url)) > 0,
    )
  })

  it.skipIf(!HAS_JDK)(`takes virtual machines along when it is killed${NO_JDK}`, async () => {
    const { child, client } = await start()
    const jar = await artifactIn(await jarOf(serverInJava('here')))
    const own = { name: 'demo', runtime: 'jvm', main: 'app.jar', memory: 128 }
    const { pid } = await client.setProcess(processSpecSchema.parse({ ...own, ...jar }))
    child.kill('SIGKILL')
    await once(child, 'exit')
    await waitFor('the machine to be gone', async () => !(await lives(pid)))
  })

  it('makes what it was asked for when it is killed in the middle and started again', async () => {
    const { child, client, folder } = await start()
    const slow = { 'server.js': `setTimeout(() => { ${server('"late"')['server.js']} }, 1500)` }
    const spec = await specFor(slow)
    const making = client.setProcess(spec)
    await waitFor('it to be started', async () => (await readdir(join(folder, 'instances'))).length === 1)
    child.kill('SIGKILL')
    await once(child, 'exit')
    await start(folder)
    expect(await textOf((await making).url)).toBe('late')
    expect(await client.processes()).toHaveLength(1)
  })

  it('ends when whoever started it is gone', async () => {
    const { child, client } = await start()
    const { pid } = await client.setProcess(await specFor(server('"here"')))
    child.stdin?.end()
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(await lives(pid)).toBe(false)
  })

  it('refuses a folder that another has, in one line of JSON', async () => {
    const { folder } = await start()
    const second = run(folder)
    expect(await firstLine(second)).toMatchObject({ ready: false, error: { code: 'conflict.state' } })
    expect(await once(second, 'exit')).toEqual([1, null])
  })
})

async function start(folder?: string) {
  const place = folder ?? join(await tempFolder('supervisor'), 'with space')
  const child = run(place)
  const { ready, address } = await firstLine(child)
  expect(ready).toBe(true)
  return { child, folder: place, client: new SupervisorClient(address as string) }
}

function run(folder: string): ChildProcess {
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env.PATH, PIPI_COMPANION_DIR: folder, PIPI_TEST_RUN: process.env.PIPI_TEST_RUN },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  started.push(child)
  return child
}

async function firstLine(child: ChildProcess): Promise<Record<string, unknown>> {
  if (child.stdout === null) throw new Error('no output')
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  return JSON.parse(line)
}

async function answersWithin(url: string, ms: number): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(ms), headers: { connection: 'close' } }).then(
    () => true,
    () => false,
  )
}

/** A zombie that nobody waits for does not live. */
async function lives(pid: number | undefined): Promise<boolean> {
  return (await findProcess(pid as number)) !== undefined
}
