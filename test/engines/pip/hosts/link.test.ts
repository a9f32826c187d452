import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { unpackedBytes } from '../../../../engines/parts/container/unpacked-bytes.ts'
import { serveGateway } from '../../../../engines/pip/hosts/link/gateway.ts'
import { LINK_TIMES, Link } from '../../../../engines/pip/hosts/link/link.ts'
import { endSupervisor } from '../../../../engines/pip/hosts/link/raise.ts'
import { hostsFileSchema, type RemoteHost } from '../../../../engines/pip/hosts/schema.ts'
import { Ssh } from '../../../../engines/pip/hosts/ssh/ssh.ts'
import { SupervisorClient } from '../../../../engines/pip/provider/supervisor-client.ts'
import { openIdentity, saveIdentity } from '../../../../engines/pip/supervisor/identity.ts'
import { processSpecSchema } from '../../../../engines/pip/supervisor/spec.ts'
import { tempFolder } from '../../../helpers/temp.ts'
import { waitFor } from '../../../helpers/wait-for.ts'
import { busyboxImage, NO_BUSYBOX, SERVES } from '../../container-image.ts'
import { artifact, artifactIn, server, specFor, textOf } from '../supervisor/host.ts'
import { HAS_WALLS, NO_WALLS } from '../supervisor/jar.ts'
import { findSshd, openSshd, type TestSshd } from './sshd.ts'

const found = await findSshd()
const why = 'missing' in found ? ` (skipped: ${found.missing})` : ''

describe.skipIf('missing' in found)(`a host elsewhere, over a real OpenSSH server${why}`, () => {
  let sshd: TestSshd
  let host: RemoteHost
  let far: string
  let opened: Awaited<ReturnType<typeof open>>

  beforeAll(async () => {
    if ('missing' in found) return
    sshd = await openSshd(found)
    far = join(await tempFolder('far'), 'with space')
    const { user, key, hostKey, port } = sshd
    const ssh = { host: '127.0.0.1', port, user, key, hostKey }
    const limits = { memoryMb: 512, diskMb: 512, ports: { from: 19_000, to: 19_099 } }
    const listed = hostsFileSchema.parse({
      apiVersion: 'pipi/v1',
      hosts: [{ name: 'lab-1', ssh, limits, folder: far }],
    })
    host = listed.hosts[0] as RemoteHost
    opened = await open(host)
  }, 60_000)
  afterAll(async () => {
    if (opened === undefined) return
    await endSupervisor(await Ssh.open(host.ssh, await tempFolder('end')), host)
    await opened.close()
    await sshd.kill()
  })

  it('is brought what it needs, and runs what it is sent at an address of its own', async () => {
    const { url, port } = await opened.client.setProcess(await specFor(server('"far"')))
    expect(await textOf(url)).toBe('far')
    expect(port).toBeGreaterThanOrEqual(19_000)
    expect(port).toBeLessThanOrEqual(19_099)
    expect(opened.link.state()).toMatchObject({ state: 'up' })
    expect(await readdir(join(far, 'host/releases/demo'))).toHaveLength(1)
    // Its own copy is enough.
    await waitFor('what travelled to be gone', async () => (await readdir(join(far, 'incoming'))).length === 0)
  })

  it('is sent nothing that it has already, and refuses bytes that are not those of the digest', async () => {
    const spec = await specFor(server('"far"'))
    expect(await opened.client.setProcess({ ...spec, source: '/nowhere' })).toMatchObject({ state: 'running' })
    const other = await artifact(server('"other"'))
    await expect(
      opened.client.setProcess({ ...spec, source: other.source, digest: '0'.repeat(64), bytes: other.bytes }),
    ).rejects.toMatchObject({
      code: 'provider.failed',
      message: expect.stringContaining('is not the one that was built'),
    })
    expect(await textOf((await opened.client.process('demo'))?.url ?? '')).toBe('far')
  })

  it.skipIf(!HAS_WALLS || NO_BUSYBOX !== '')(
    `unpacks an image that it is sent, and runs it${NO_WALLS}${NO_BUSYBOX}`,
    async () => {
      const page = { path: 'app/index.html', type: 'File', body: 'a far image' } as const
      const { path } = await busyboxImage({ cmd: SERVES, more: [page] })
      const given = { name: 'image', runtime: 'container', memory: 64, unpacked: await unpackedBytes(path) }
      const { url } = await opened.client.setProcess(processSpecSchema.parse({ ...given, ...(await artifactIn(path)) }))
      expect(await textOf(url)).toBe('a far image')
      expect(await opened.client.walls()).toEqual({ ready: true })
      await opened.client.removeProcess('image')
      expect(await readdir(join(far, 'host/roots'))).toEqual([])
    },
  )

  it('does nothing for a token that is not its own, there or here', async () => {
    const identity = JSON.parse(await readFile(join(far, 'host/identity.json'), 'utf8'))
    const way = await opened.link.way()
    for (const port of [way.port, identity.port, opened.port]) {
      const answer = await fetch(`http://127.0.0.1:${port}/processes/demo`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${'0'.repeat(64)}`, connection: 'close' },
      })
      expect(answer.status).toBe(401)
    }
    expect(await opened.client.processes()).toHaveLength(1)
  })

  it('goes on with what runs while nobody can reach it, and takes work again afterwards', async () => {
    const { url, pid } = (await opened.client.process('demo')) ?? { url: '' }
    await sshd.kill()
    await waitFor('the way to break', () => opened.link.state().state === 'away')
    expect(await textOf(url)).toBe('far')
    const impatient = await open(host, { ...LINK_TIMES, patience: 300, settingUp: 300 })
    await expect(impatient.client.processes()).rejects.toMatchObject({
      code: 'platform.unreachable',
      message: expect.stringContaining('host lab-1'),
    })
    await impatient.close()
    const waiting = opened.client.setProcess(await specFor(server('"again"')))
    await sshd.start()
    expect(await textOf((await waiting).url)).toBe('again')
    expect((await waiting).url).toBe(url)
    expect((await waiting).pid).not.toBe(pid)
  })

  it('finds its supervisor running when another platform process comes, and leaves it when that goes', async () => {
    const { pid, url } = (await opened.client.process('demo')) ?? { url: '' }
    await opened.close()
    expect(await textOf(url)).toBe('again')
    opened = await open(host)
    expect(await opened.client.process('demo')).toMatchObject({ pid, url })
  })

  it('brings its supervisor back when that is killed', async () => {
    const { url } = (await opened.client.process('demo')) ?? { url: '' }
    const identity = JSON.parse(await readFile(join(far, 'host/identity.json'), 'utf8'))
    for (const pid of await listenersOn(identity.port)) process.kill(pid, 'SIGKILL')
    await waitFor('it to be back', async () => (await textOf(url)) === 'again')
    expect(await opened.client.process('demo')).toMatchObject({ url })
  })

  it('refuses a host with another key before anything is sent', async () => {
    const other = await tempFolder('other')
    const stranger = { ...host, ssh: { ...host.ssh, hostKey: `SHA256:${'A'.repeat(43)}` }, folder: join(other, 'far') }
    const wrong = await open(stranger)
    await expect(wrong.client.setProcess(await specFor(server('"x"')))).rejects.toMatchObject({ code: 'host.mismatch' })
    await wrong.close()
    expect(await readdir(other)).toEqual([])
  })

  it('is left with nothing of a process that is removed', async () => {
    await opened.client.removeProcess('demo')
    expect(await opened.client.processes()).toEqual([])
    for (const name of ['desired', 'instances', 'logs', 'releases']) {
      expect(await readdir(join(far, 'host', name)), name).toEqual([])
    }
  })
})

async function open(host: RemoteHost, times = { ...LINK_TIMES, first: 50, longest: 200, patience: 60_000 }) {
  const folder = await tempFolder('link')
  const identity = await openIdentity(folder)
  const link = new Link(host, folder, times)
  const gateway = await serveGateway({ link, token: identity.token, port: 0 })
  await saveIdentity(folder, { ...identity, port: gateway.port })
  const client = new SupervisorClient(`http://127.0.0.1:${gateway.port}/#${join(folder, 'identity.json')}`)
  return {
    link,
    client,
    port: gateway.port,
    async close() {
      await gateway.close()
      await link.close()
    },
  }
}

/** Of the processes of this machine, those that listen on a port of 127.0.0.1. */
async function listenersOn(port: number): Promise<number[]> {
  const table = await readFile('/proc/net/tcp', 'utf8')
  const wanted = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const row = table.split('\n').find((line) => line.includes(wanted) && / 0A /.test(line))
  const inode = row?.trim().split(/\s+/)[9]
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const { readlink } = await import('node:fs/promises')
  const found: number[] = []
  for (const pid of pids) {
    const files = await readdir(`/proc/${pid}/fd`).catch(() => [])
    for (const file of files) {
      if ((await readlink(`/proc/${pid}/fd/${file}`).catch(() => '')) === `socket:[${inode}]`) found.push(Number(pid))
    }
  }
  return found
}
