import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listProcesses } from '../../../../engines/parts/process/list.ts'
import { javaLimits } from '../../../../engines/pip/supervisor/java.ts'
import { type ProcessSpec, type ProcessStatus, processSpecSchema } from '../../../../engines/pip/supervisor/spec.ts'
import { waitFor } from '../../../helpers/wait-for.ts'
import { artifactIn, openHost, textOf } from './host.ts'
import { HAS_JDK, HAS_WALLS, jarOf, NO_JDK, NO_WALLS, serverInJava } from './jar.ts'

const GREETING = "moin 'all' $HOME"

describe('the limits of a virtual machine', () => {
  it.each([96, 128, 256, 512, 1024, 4096, 24_576])('leave room beside the heap in %i MiB', (memory) => {
    const value = (flag: string) =>
      Number(javaLimits(memory).flatMap((each) => new RegExp(`^${flag}(\\d+)m$`).exec(each)?.[1] ?? []))
    const [heap, classes, code] = [value('-Xmx'), value('-XX:MaxMetaspaceSize='), value('-XX:ReservedCodeCacheSize=')]
    expect(heap).toBeGreaterThanOrEqual(24)
    expect(memory - heap).toBeGreaterThanOrEqual(72)
    expect(heap / memory).toBeLessThan(0.99)
    expect(classes + code).toBeGreaterThanOrEqual(48)
  })
})

describe.skipIf(!HAS_JDK)(`a jar on a host${NO_JDK}`, () => {
  let host: Awaited<ReturnType<typeof openHost>>
  let spec: ProcessSpec
  let made: ProcessStatus
  beforeAll(async () => {
    host = await openHost()
    const artifact = await artifactIn(await jarOf(serverInJava('old')))
    spec = processSpecSchema.parse({
      ...{ name: 'demo', runtime: 'jvm', main: 'app.jar', memory: 128, ...artifact },
      environment: { GREETING, LOOK_AT: `${host.folder}/identity.json:${host.folder}/desired:/root` },
    })
    made = await host.client.setProcess(spec)
  })
  afterAll(() => host.supervisor.close())

  it('answers on a port, with its environment, and a heap that fits its grant', async () => {
    expect(await textOf(made.url)).toBe(`old ${GREETING}`)
    expect(Number(await textOf(`${made.url}max`))).toBeLessThan(64)
    const arguments_ = await readFile(`/proc/${made.pid}/cmdline`, 'utf8')
    expect(arguments_).toContain('-Xmx48m')
    expect(arguments_).not.toContain('moin')
  })

  it.skipIf(!HAS_WALLS)(`sees no file and no process of ours or of its neighbours${NO_WALLS}`, async () => {
    expect(await textOf(`${made.url}see`)).toMatch(
      /^NoSuchFileException;NoSuchFileException;NoSuchFileException;home;no release;1 processes$/,
    )
    expect((await host.client.process('demo'))?.lastLines.join('\n')).not.toContain('no walls')
  })

  it('ends with a clear word when its heap is full, and is started again within its grant', async () => {
    await textOf(`${made.url}eat`).catch(() => undefined)
    const status = await waitFor('another machine', async () => {
      const found = await host.client.process('demo')
      return found?.state === 'running' && found.pid !== made.pid ? found : undefined
    })
    expect(status.lastLines.join('\n')).toMatch(/Terminating due to java.lang.OutOfMemoryError/)
    expect(status.lastLines.join('\n')).not.toMatch(/granted are/)
    expect(await textOf(made.url)).toBe(`old ${GREETING}`)
  })

  it('leaves nothing of what it started, when the next release takes over', async () => {
    const pid = (await host.client.process('demo'))?.pid
    const alive = async () => (await listProcesses()).filter(({ group }) => group === pid).length
    const before = await alive()
    await textOf(`${made.url}beside`)
    expect(await alive()).toBe(before + 1)
    const next = await artifactIn(await jarOf(serverInJava('new')))
    const { url, port } = await host.client.setProcess({ ...spec, ...next, pages: 'webroot' })
    expect(url).toBe(made.url)
    expect(await textOf(url)).toBe(`new ${GREETING}`)
    // As a server of pages is started.
    const started = `--host 127.0.0.1 --port \\d+ --webroot ${host.folder}/releases/demo/[0-9a-f]{16}/webroot`
    expect(await textOf(`${url}arguments`)).toMatch(new RegExp(`^${started}$`))
    expect(await textOf(`${url}arguments`)).not.toContain(String(port))
    await waitFor('the old one to be gone', async () => (await alive()) === 0)
  })

  it('is not switched to when the jar cannot be started, and what ran goes on', async () => {
    const broken = await host.client.setProcess({ ...spec, main: 'other.jar' }).catch((error) => error)
    expect(broken).toMatchObject({ code: 'verify.failed' })
    expect(broken.data.lines.join('\n')).toMatch(/Unable to access jarfile/)
    expect(await textOf(made.url)).toBe(`new ${GREETING}`)
  })
})
