import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { urlsOf } from '../../platform/cli/urls.ts'
import { tempFolder } from '../helpers/temp.ts'
import { filesThatHold } from '../helpers/traces.ts'
import { ROOT } from './helpers/pipi.ts'
import { usePlatform } from './helpers/platform.ts'

const TOKEN = 'ghp_a-token-that-no-build-may-see'
const platform = usePlatform({
  PIPI_BUILD_TIME_MS: '10000',
  PIPI_BUILD_DISK_MB: '64',
  PIPI_BUILD_PROCESSES: '40',
  PIPI_GITHUB_TOKEN: TOKEN,
})

interface Deployment {
  id: string
  status: string
  outputs: Record<string, unknown>
  error?: { code: string; phase?: string; message: string; hint?: string }
}

/** The example site with another build. */
async function siteBuiltBy(name: string, command: string, files: Record<string, string> = {}): Promise<string> {
  const folder = await tempFolder('site')
  await cp(join(ROOT, 'examples/research-site'), folder, { recursive: true })
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text)
  const manifest = join(folder, 'workspace.yaml')
  const text = (await readFile(manifest, 'utf8')).replace(/^name: .*/m, `name: ${name}`)
  await writeFile(manifest, text.replace(/command: .*/, `command: ${JSON.stringify(command)}`))
  return folder
}

async function deploy(folder: string) {
  const ended = await platform.pipi('deploy', folder, '--engine', 'pip', '--json')
  return { code: ended.code, ...ended.json<Deployment>() }
}

const failed = (message: RegExp, code = 'build.failed') => ({
  ...{ code: 1, status: 'failed' },
  error: { code, phase: 'building', message: expect.stringMatching(message) },
})

describe('a hostile build is stopped with a clear failure, and the platform goes on:', () => {
  it('one that forks for ever', async () => {
    const folder = await siteBuiltBy('forks', 'f() { sleep 3141 & f | f & }; f; sleep 3141')
    expect(await deploy(folder)).toMatchObject(failed(/processes at once, allowed are 40/))
  })

  it('one that writes without end', async () => {
    const folder = await siteBuiltBy('writes', 'while :; do head -c 5000000 /dev/zero >> big; done')
    expect(await deploy(folder)).toMatchObject(failed(/more disk, allowed are 64 MiB/))
  })

  it('one that runs past its time', async () => {
    const folder = await siteBuiltBy('sleeps', 'sleep 3142')
    expect(await deploy(folder)).toMatchObject(failed(/longer than 10 seconds/, 'build.timeout'))
  })

  it('one that reaches for our environment and files: it finds nothing', async () => {
    const spy = `import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
const found = []
const look = (path) => { try { found.push(readFileSync(path, 'latin1')) } catch (error) { found.push(path + ' ' + error.code) } }
for (const pid of [...readdirSync('/proc'), ${platform.process.pid}, process.ppid, 1]) look('/proc/' + pid + '/environ')
for (const name of ['owner-token', 'secret', 'postgres-password', 'platform.json', 'lock']) look(${JSON.stringify(platform.data)} + '/' + name)
writeFileSync('public/found.txt', found.join('\\n'))
`
    const folder = await siteBuiltBy('spies', 'node site/build.mjs && node spy.mjs', { 'spy.mjs': spy })
    const deployment = await deploy(folder)
    expect(deployment, JSON.stringify(deployment.error)).toMatchObject({ status: 'succeeded' })
    const [{ url } = { url: '' }] = urlsOf(deployment.outputs)
    const found = await (await fetch(new URL('found.txt', url))).text()
    expect(found).toContain('PIPI_BUILD=')
    const secret = await readFile(join(platform.data, 'secret'), 'utf8')
    const owner = await readFile(join(platform.data, 'owner-token'), 'utf8')
    for (const ours of [TOKEN, secret.trim(), owner.trim()]) expect(found).not.toContain(ours)
    expect(await filesThatHold(join(platform.data, 'artifacts'), TOKEN)).toEqual([])
  })

  it('a good one right after succeeds, and is not built again for the same source', async () => {
    const folder = await siteBuiltBy('good', 'node site/build.mjs')
    expect(await deploy(folder)).toMatchObject({ code: 0, status: 'succeeded' })
    const again = await deploy(folder)
    expect(again).toMatchObject({ code: 0, status: 'succeeded' })
    expect((await platform.pipi('logs', again.id)).stdout).toContain('built before from this very source')
  })
})
