import { afterAll, beforeAll } from 'vitest'
import { tempFolder } from '../../helpers/temp.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { type Ended, pipi, type Running, startPipi } from './pipi.ts'

export interface TestPlatform {
  data: string
  url: string
  /** `./pipi` told to talk to this platform. */
  pipi(...args: string[]): Promise<Ended>
  start(...args: string[]): Running
  /** The platform's own process. */
  process: Running
}

/** One platform with simulated clouds for all tests of a file, started and stopped as a user would. */
export function usePlatform(env: Record<string, string> = {}): TestPlatform {
  const platform = {} as TestPlatform
  beforeAll(async () => {
    platform.data = await tempFolder('data')
    Object.assign(platform, await startPlatform(platform.data, env))
  })
  afterAll(async () => {
    // Not set when it did not start.
    if (platform.process === undefined) return
    platform.process.kill('SIGTERM')
    const { code, stderr } = await platform.process.ended
    if (code !== 0) throw new Error(`the platform ended with ${code}:\n${stderr}`)
  })
  return platform
}

/** Starts `serve --sandbox` and waits until it says where it answers. */
export async function startPlatform(data: string, env: Record<string, string> = {}, port = 0): Promise<TestPlatform> {
  const running = startPipi(['serve', '--sandbox', '--data', data, '--port', String(port), '--json'], { env })
  let over = false
  void running.ended.then(() => {
    over = true
  })
  await waitFor('the platform to say where it answers', () => over || running.stdout().includes('\n'), {
    timeoutMs: 60_000,
  })
  const [line = ''] = running.stdout().split('\n')
  if (!line.startsWith('{')) throw new Error(`the platform did not start:\n${running.stdout()}\n${running.stderr()}`)
  const { url } = JSON.parse(line) as { url: string }
  return {
    data,
    url,
    process: running,
    pipi: (...args) => pipi(...args, '--data', data),
    start: (...args) => startPipi([...args, '--data', data]),
  }
}
