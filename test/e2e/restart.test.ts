import { afterEach, expect, it } from 'vitest'
import { urlsOf } from '../../platform/cli/urls.ts'
import { freePort } from '../helpers/free-port.ts'
import { processesOf } from '../helpers/leaks.ts'
import { tempFolder } from '../helpers/temp.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { startPlatform, type TestPlatform } from './helpers/platform.ts'
import { slowWorkspace } from './helpers/slow-workspace.ts'

const PIP = { PIPI_ENGINES: 'pip' }
let platform: TestPlatform | undefined

afterEach(async () => {
  platform?.process.kill('SIGTERM')
  await platform?.process.ended
})

it('who waits for a deployment keeps waiting while the platform is restarted, and sees it end', async () => {
  const data = await tempFolder('data')
  const port = await freePort()
  platform = await startPlatform(data, PIP, port)
  const { folder, letGo } = await slowWorkspace()
  const waiting = platform.start('deploy', folder, '--engine', 'pip')
  await waitFor('the build to begin', () => waiting.stderr().includes('building'))
  platform.process.kill('SIGTERM')
  expect((await platform.process.ended).code).toBe(0)
  platform = await startPlatform(data, PIP, port)
  await letGo()
  const { code, stdout, stderr } = await waiting.ended
  expect(stdout, stderr).toContain('succeeded')
  expect(code).toBe(0)
})

it('what runs on this host stops with the platform, leaves no process, and is back at its address with the next start', async () => {
  const data = await tempFolder('data')
  platform = await startPlatform(data, PIP)
  const deployed = await platform.pipi('deploy', 'examples/research-workspace', '--engine', 'pip', '--json')
  const urls = urlsOf(deployed.json<{ outputs: unknown }>().outputs).map(({ url }) => url)
  expect(urls).toHaveLength(2)
  platform.process.kill('SIGTERM')
  expect((await platform.process.ended).code).toBe(0)
  expect(processesOf(data)).toEqual([])
  for (const url of urls) await expect(fetch(url)).rejects.toThrow()
  platform = await startPlatform(data, PIP)
  for (const url of urls) {
    await waitFor(`${url} to answer again`, async () => (await fetch(url)).status === 200)
  }
})
