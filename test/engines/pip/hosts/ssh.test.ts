import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SshAddress } from '../../../../engines/pip/hosts/schema.ts'
import { fingerprintOf } from '../../../../engines/pip/hosts/ssh/known-host.ts'
import { Ssh } from '../../../../engines/pip/hosts/ssh/ssh.ts'
import { openTunnel } from '../../../../engines/pip/hosts/ssh/tunnel.ts'
import { tempFolder } from '../../../helpers/temp.ts'
import { findSshd, openSshd, type TestSshd } from './sshd.ts'

const found = await findSshd()
const why = 'missing' in found ? ` (skipped: ${found.missing})` : ''

describe.skipIf('missing' in found)(`reaching a host through a real OpenSSH server${why}`, () => {
  let sshd: TestSshd
  let folder: string
  beforeAll(async () => {
    if ('missing' in found) return
    sshd = await openSshd(found)
    folder = join(await tempFolder('ssh'), 'with space')
  })
  afterAll(() => sshd?.kill())
  const address = (more: Partial<SshAddress> = {}): SshAddress => ({
    ...{ host: '127.0.0.1', port: sshd.port, user: sshd.user, key: sshd.key, hostKey: sshd.hostKey },
    ...more,
  })

  it('runs a script with arguments that no shell takes apart, and sends it what it reads', async () => {
    const ssh = await Ssh.open(address(), folder)
    const odd = `it's "$HOME" \`id\` \\ ; rm -rf / *`
    expect(await ssh.run('printf "%s|" "$@"; cat', [odd, '-n'], { input: Readable.from(['sent']) })).toBe(
      `${odd}|-n|sent`,
    )
  })

  it('says what a script that fails said', async () => {
    const ssh = await Ssh.open(address(), folder)
    await expect(ssh.run('echo no room >&2; exit 3')).rejects.toMatchObject({
      code: 'provider.failed',
      message: '127.0.0.1: no room',
    })
  })

  it('takes a host by the fingerprint of its key', async () => {
    const ssh = await Ssh.open(address({ hostKey: fingerprintOf(sshd.hostKey) }), folder)
    expect(await ssh.run('echo here')).toBe('here\n')
    const shown = await promisify(execFile)('ssh-keygen', ['-lf', `${sshd.key}.pub`])
    expect(shown.stdout).toContain(fingerprintOf(await readFile(`${sshd.key}.pub`, 'utf8')))
  })

  it('refuses a host with another key or fingerprint before it logs in or sends anything', async () => {
    await promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'other')])
    const other = await readFile(join(folder, 'other.pub'), 'utf8')
    const logins = async () => (await sshd.log()).split('Accepted').length
    const before = await logins()
    const ssh = await Ssh.open(address({ hostKey: other.trim() }), folder)
    await expect(ssh.run('touch sent')).rejects.toMatchObject({ code: 'host.mismatch' })
    await expect(Ssh.open(address({ hostKey: fingerprintOf(other) }), folder)).rejects.toMatchObject({
      code: 'host.mismatch',
    })
    expect(await logins()).toBe(before)
  })

  it('says that a key is not taken, and that nobody answers', async () => {
    await promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'stranger')])
    const stranger = await Ssh.open(address({ key: join(folder, 'stranger') }), folder)
    await expect(stranger.run('true')).rejects.toMatchObject({
      code: 'platform.unreachable',
      hint: expect.stringContaining('authorized_keys'),
    })
    const nobody = await Ssh.open(address({ port: 1 }), folder)
    await expect(nobody.run('true')).rejects.toMatchObject({ code: 'platform.unreachable' })
  })

  it('reads neither the configuration nor the agent of whoever runs it', async () => {
    const ssh = await Ssh.open(address(), folder)
    const child = ssh.start('exec env', [])
    child.stdin?.end()
    let text = ''
    child.stdout?.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
    await once(child, 'close')
    expect(text).not.toContain('SSH_AUTH_SOCK')
    expect(child.spawnargs).toEqual(expect.arrayContaining(['-F', 'none', 'IdentityAgent=none', 'IdentitiesOnly=yes']))
  })

  it('opens a way to a port there, and says when it broke', async () => {
    const server = createServer((_, response) => response.end('far')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const ssh = await Ssh.open(address(), folder)
    const tunnel = await openTunnel(ssh, (server.address() as AddressInfo).port)
    const answer = await fetch(`http://127.0.0.1:${tunnel.port}/`, { headers: { connection: 'close' } })
    expect(await answer.text()).toBe('far')
    await sshd.kill()
    expect(await tunnel.broken).toMatchObject({ code: 'platform.unreachable' })
    await sshd.start()
    server.close()
  })
})
