import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findProcess } from '../../../../engines/parts/process/list.ts'
import { javaLimits } from '../../../../engines/pip/supervisor/java.ts'
import { type ProcessSpec, type ProcessStatus, processSpecSchema } from '../../../../engines/pip/supervisor/spec.ts'
import { waitFor } from '../../../helpers/wait-for.ts'
import { artifactIn, openHost, textOf } from './host.ts'
import { HAS_JDK, jarOf, NO_JDK, serverInJava } from './jar.ts'

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
      environment: { GREETING: 'moin' },
    })
    made = await host.client.setProcess(spec)
  })
  afterAll(() => host.supervisor.close())

  it('answers on a port, with its environment, and a heap that fits its grant', async () => {
    expect(await textOf(made.url)).toBe('old moin')
    expect(Number(await textOf(`${made.url}max`))).toBeLessThan(64)
    const arguments_ = await readFile(`/proc/${made.pid}/cmdline`, 'utf8')
    expect(arguments_).toContain('-Xmx48m')
    expect(arguments_).not.toContain('moin')
  })

  it('ends with a clear word when its heap is full, and is started again within its grant', async () => {
    await textOf(`${made.url}eat`).catch(() => undefined)
    const status = await waitFor('another machine', async () => {
      const found = await host.client.process('demo')
      return found?.state === 'running' && found.pid !== made.pid ? found : undefined
    })
    expect(status.lastLines.join('\n')).toMatch(/Terminating due to java.lang.OutOfMemoryError/)
    expect(status.lastLines.join('\n')).not.toMatch(/granted are/)
    expect(await textOf(made.url)).toBe('old moin')
  })

  it('leaves nothing of what it started, when the next release takes over', async () => {
    const beside = Number(await textOf(`${made.url}beside`))
    expect(await findProcess(beside)).toBeDefined()
    const next = await artifactIn(await jarOf(serverInJava('new')))
    const { url } = await host.client.setProcess({ ...spec, ...next })
    expect(url).toBe(made.url)
    expect(await textOf(url)).toBe('new moin')
    await waitFor('the old one to be gone', async () => (await findProcess(beside)) === undefined)
  })

  it('is not switched to when the jar cannot be started, and what ran goes on', async () => {
    const broken = await host.client.setProcess({ ...spec, main: 'other.jar' }).catch((error) => error)
    expect(broken).toMatchObject({ code: 'verify.failed' })
    expect(broken.data.lines.join('\n')).toMatch(/Unable to access jarfile/)
    expect(await textOf(made.url)).toBe('new moin')
  })
})
