import { spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { PipiError } from '../../../catalog/errors.ts'
import { startPlugin } from '../../../stacks/toolchain/plugin.ts'
import { portIsFree } from '../../helpers/free-port.ts'
import { processesOf } from '../../helpers/leaks.ts'
import { currentTag } from '../../helpers/tag.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { waitFor } from '../../helpers/wait-for.ts'

const environment = { PATH: process.env.PATH ?? '' }

describe('a provider plugin', () => {
  it('is started without arguments, says its port, and ends when asked', async () => {
    const pulumiHome = await homeWith('1.2.0', '1.10.0')
    const plugin = await startPlugin({ name: 'fake', pulumiHome, environment })
    expect(plugin.path).toContain('resource-fake-v1.10.0')
    const port = Number(plugin.address.split(':')[1])
    expect(await portIsFree(port)).toBe(false)
    await plugin.close()
    expect(await portIsFree(port)).toBe(true)
    expect(processesOf(currentTag())).toEqual([])
  })

  it('is taken in the version that was asked for', async () => {
    const plugin = await startPlugin({
      name: 'fake',
      version: '1.2.0',
      pulumiHome: await homeWith('1.2.0', '1.10.0'),
      environment,
    })
    expect(plugin.path).toContain('resource-fake-v1.2.0')
    await plugin.close()
  })

  it('sees nothing of our environment but what it is given', async () => {
    const lines: string[] = []
    const pulumiHome = await homeWith('1.0.0')
    const plugin = await startPlugin({
      name: 'fake',
      pulumiHome,
      environment: { ...environment, GIVEN: '1' },
      log: (line) => lines.push(line),
    })
    const names = await waitFor('the names of its environment', () =>
      lines.find((line) => line.startsWith('environment ')),
    )
    await plugin.close()
    expect(names).toContain('GIVEN')
    expect(names).not.toContain('PIPI_TEST_RUN')
  })

  it('that ends by itself is told of, with its last lines', async () => {
    const plugin = await startPlugin({
      name: 'fake',
      pulumiHome: await homeWith('1.0.0'),
      environment: { ...environment, FAKE_DIES: '1' },
    })
    const lines = await plugin.ended
    expect(lines.join('\n')).toContain('I cannot go on')
    expect(lines.join('\n')).toContain('ended with 7')
  })

  it('that ends before it says its port is an error with its last lines', async () => {
    const started = startPlugin({
      name: 'fake',
      pulumiHome: await homeWith('1.0.0'),
      environment: { ...environment, FAKE_FAILS: '1' },
    })
    const error = await started.then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(PipiError)
    expect((error as PipiError).code).toBe('provider.failed')
    expect(JSON.stringify((error as PipiError).data.lines)).toContain('no such region')
  })

  it('that is not there is named with the command that installs it', async () => {
    const started = startPlugin({ name: 'fake', version: '9.9.9', pulumiHome: await homeWith('1.0.0'), environment })
    await expect(started).rejects.toMatchObject({
      code: 'toolchain.missing',
      message: expect.stringContaining('found 1.0.0'),
      hint: expect.stringContaining('pulumi plugin install resource fake 9.9.9'),
    })
  })

  it('ends when the process that started it is killed', async () => {
    const pulumiHome = await homeWith('1.0.0')
    const starter = join(await tempFolder(), 'starter.ts')
    const module = fileURLToPath(new URL('../../../stacks/toolchain/plugin.ts', import.meta.url))
    await writeFile(
      starter,
      `import { startPlugin } from ${JSON.stringify(module)}
       const plugin = await startPlugin(${JSON.stringify({ name: 'fake', pulumiHome, environment })})
       console.log(plugin.address)
       setInterval(() => {}, 1000)`,
    )
    const parent = spawn(process.execPath, [starter], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [address] = (await parent.stdout.setEncoding('utf8').iterator().next()).value.trim().split('\n')
    const port = Number(String(address).split(':')[1])
    expect(await portIsFree(port)).toBe(false)
    parent.kill('SIGKILL')
    await waitFor('the plugin to end', () => portIsFree(port))
    await waitFor('nothing to be left', () => processesOf(currentTag()).length === 0)
  })
})

const FAKE = `
console.error('environment ' + Object.keys(process.env).join(' '))
if (process.argv.length > 2) throw new Error('no arguments expected')
if (process.env.FAKE_FAILS) {
  console.error('no such region')
  process.exit(3)
}
const server = require('node:net').createServer().listen(0, '127.0.0.1', () => {
  console.log(server.address().port)
  if (process.env.FAKE_DIES) {
    console.error('I cannot go on')
    setTimeout(() => process.exit(7), 50)
  }
})
`

async function homeWith(...versions: string[]): Promise<string> {
  const home = await tempFolder('home')
  for (const version of versions) {
    const folder = join(home, 'plugins', `resource-fake-v${version}`)
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'fake.cjs'), FAKE)
    // Node's path may hold spaces, which a first line like #! does not take.
    const program = `#!/bin/sh\nexec '${process.execPath}' '${join(folder, 'fake.cjs')}' "$@"\n`
    await writeFile(join(folder, 'pulumi-resource-fake'), program, { mode: 0o755 })
  }
  return home
}
