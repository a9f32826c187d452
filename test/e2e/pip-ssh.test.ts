import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OWN_NODE } from '../../engines/pip/hosts/link/bring.ts'
import { endSupervisor } from '../../engines/pip/hosts/link/raise.ts'
import { readHosts } from '../../engines/pip/hosts/read-hosts.ts'
import type { RemoteHost } from '../../engines/pip/hosts/schema.ts'
import { Ssh } from '../../engines/pip/hosts/ssh/ssh.ts'
import { findSshd, openSshd, type TestSshd } from '../engines/pip/hosts/sshd.ts'
import { tempFolder } from '../helpers/temp.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { startPlatform, type TestPlatform } from './helpers/platform.ts'

const found = await findSshd()
const why = 'missing' in found ? ` (skipped: ${found.missing})` : ''

describe.skipIf('missing' in found)(`a workspace on a host elsewhere, by SSH${why}`, () => {
  let sshd: TestSshd
  let platform: TestPlatform
  let host: RemoteHost
  let far: string
  let folder: string

  beforeAll(async () => {
    if ('missing' in found) return
    sshd = await openSshd(found)
    far = join(await tempFolder('far'), 'pipi')
    // It was brought its Node before: that takes seconds, and is looked at elsewhere (test/engines/pip/hosts/link.test.ts).
    await mkdir(join(far, 'node', OWN_NODE), { recursive: true })
    await symlink(process.execPath, join(far, 'node', OWN_NODE, 'node'))
    const data = await tempFolder('data', 0o711)
    const file = join(data, 'hosts.yaml')
    await writeFile(file, hostsYaml(sshd, far))
    host = (await readHosts(file))?.find((one) => 'ssh' in one) as RemoteHost
    platform = await startPlatform(data, { PIPI_ENGINES: 'pip' })
    folder = await tempFolder('workspace')
    await writeFile(join(folder, 'workspace.yaml'), WORKSPACE)
  }, 90_000)
  afterAll(async () => {
    if (platform === undefined) return
    platform.process.kill('SIGTERM')
    await platform.process.ended
    await endSupervisor(await Ssh.open(host.ssh, await tempFolder('end')), host)
    await sshd.kill()
  })

  const say = (word: string) => writeFile(join(folder, 'server.js'), SERVER.replace('WORD', word))
  const deploy = async () => {
    const ended = await platform.pipi('deploy', folder, '--engine', 'pip', '--json')
    const deployment = ended.json<{ status: string; outputs: { api: { url: string } }; error?: { message: string } }>()
    expect(deployment.error).toBeUndefined()
    expect(deployment.status).toBe('succeeded')
    return deployment.outputs.api.url
  }
  const answer = async (url: string) => (await fetch(url, { headers: { connection: 'close' } })).text()

  it('is shown beside this machine, with what each gives', async () => {
    await waitFor('the host to be up', async () => (await hostsNow(platform)).every(({ state }) => state === 'up'), {
      timeoutMs: 60_000,
    })
    const [here, lab] = await hostsNow(platform)
    expect(here).toMatchObject({ name: 'host', via: 'local' })
    expect(lab).toMatchObject({ name: 'lab-1', via: 'ssh', labels: { room: 'b17' }, keptBy: expect.any(String) })
    expect(lab?.room.find(({ meter }) => meter === 'pip-host.memory')).toMatchObject({ limit: 512, held: 0 })
    const checked = await platform.pipi('hosts', 'check', 'lab-1')
    expect(checked.stdout).toContain('with the pinned host key')
    expect(checked.code).toBe(0)
  })

  it('answers, is redeployed at the same address, rolled back, and destroyed to nothing; this machine has no part in it', async () => {
    await say('one')
    const url = await deploy()
    expect(await answer(url)).toBe('one')
    expect(Number(new URL(url).port)).toBeLessThan(20_000)
    await say('two')
    expect(await deploy()).toBe(url)
    expect(await answer(url)).toBe('two')
    expect((await platform.pipi('rollback', 'on-lab', '--json')).json()).toMatchObject({ status: 'succeeded' })
    expect(await answer(url)).toBe('one')

    const [here, lab] = await hostsNow(platform)
    expect(lab?.room.find(({ meter }) => meter === 'pip-host.memory')).toMatchObject({ held: 96 })
    expect(here?.room.find(({ meter }) => meter === 'pip-host.memory')).toMatchObject({ held: 0 })
    expect(await readdir(join(platform.data, 'companions/pip/desired'))).toEqual([])

    expect((await platform.pipi('destroy', 'on-lab', '--yes', '--json')).json()).toMatchObject({ status: 'succeeded' })
    await expect(fetch(url)).rejects.toThrow()
    expect(await readdir(join(far, 'host/desired'))).toEqual([])
    expect(await readdir(join(far, 'host/releases'))).toEqual([])
    expect((await hostsNow(platform))[1]?.room.every(({ held }) => held === 0)).toBe(true)
  })

  it('goes on while its host cannot be reached; what is deployed then fails clearly, and works when it is back', async () => {
    await say('three')
    const url = await deploy()
    await sshd.kill()
    expect(await answer(url)).toBe('three')
    await waitFor('the host to be away', async () => (await hostsNow(platform))[1]?.state === 'away')
    await say('four')
    const failed = await platform.pipi('deploy', folder, '--engine', 'pip', '--json')
    expect(failed.code).toBe(1)
    expect(failed.json<{ error: { message: string } }>().error.message).toContain('host lab-1')
    expect(await answer(url)).toBe('three')
    await sshd.start()
    await waitFor('the host to be up', async () => (await hostsNow(platform))[1]?.state === 'up', { timeoutMs: 60_000 })
    expect(await deploy()).toBe(url)
    expect(await answer(url)).toBe('four')
  })
})

interface ShownHost {
  name: string
  state: string
  via: string
  labels: Record<string, string>
  keptBy?: string
  room: { meter: string; limit: number; held: number }[]
}

async function hostsNow(platform: TestPlatform): Promise<ShownHost[]> {
  return (await platform.pipi('hosts', '--json')).json<{ items: ShownHost[] }>().items
}

function hostsYaml({ port, user, key, hostKey }: TestSshd, folder: string): string {
  return `apiVersion: pipi/v1
hosts:
  - local: true
  - name: lab-1
    ssh: { host: 127.0.0.1, port: ${port}, user: ${user}, key: ${key}, hostKey: ${hostKey.split(' ').slice(0, 2).join(' ')} }
    limits: { memoryMb: 512, diskMb: 1024, ports: { from: 19100, to: 19199 } }
    labels: { room: b17 }
    folder: ${folder}
`
}

const WORKSPACE = `apiVersion: pipi/v1
name: on-lab
placement: { regions: [lab-1] }
components:
  - { name: api, kind: service, memoryMb: 96 }
`

const SERVER = `require('http').createServer((q, r) => r.end('WORD')).listen(process.env.PORT, '127.0.0.1')`
