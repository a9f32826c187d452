import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hosts } from '../../../../engines/pip/hosts/index.ts'
import { readHosts } from '../../../../engines/pip/hosts/read-hosts.ts'
import { tempFolder } from '../../../helpers/temp.ts'

const KEY = `ssh-ed25519 ${'A'.repeat(68)}`

async function file(text: string): Promise<string> {
  const path = join(await tempFolder('hosts'), 'hosts.yaml')
  await writeFile(path, text)
  return path
}
const orderOf = async (path: string) => {
  const dataDir = await tempFolder('data')
  return { file: path, dataDir, companionDir: join(dataDir, 'companions/pip') }
}

describe('the list of hosts', () => {
  it('is this machine alone where there is none, with the limits that it measures', async () => {
    const [host, ...others] = await hosts.list(await orderOf('/nowhere/hosts.yaml'))
    expect(others).toEqual([])
    expect(host).toMatchObject({ name: 'host', scope: '', via: 'local', address: '127.0.0.1', input: '' })
    expect(host?.limits).toMatchObject({ 'pip-host.ports': 100, 'pip-host.memory': expect.any(Number) })
  })

  it('gives each host its own region, scope, limits and address', async () => {
    const path = await file(`apiVersion: pipi/v1
hosts:
  - local: true
    limits: { memoryMb: 1000 }
    address: lab.university.example
  - name: cellar-2
    ssh: { host: 10.0.0.7, user: pipi, key: /keys/pipi, hostKey: ${KEY} }
    limits: { memoryMb: 2048, diskMb: 4096, ports: { from: 8000, to: 8009 } }
`)
    expect(await hosts.list(await orderOf(path))).toMatchObject([
      { name: 'host', scope: '', limits: { 'pip-host.memory': 1000 }, address: 'lab.university.example' },
      {
        ...{ name: 'cellar-2', scope: 'cellar-2', via: 'ssh', address: '10.0.0.7' },
        limits: { 'pip-host.memory': 2048, 'pip-host.disk': 4096, 'pip-host.ports': 10 },
      },
    ])
  })

  it('says every problem at once, each with its line and column', async () => {
    const path = await file(`apiVersion: pipi/v1
hosts:
  - name: cellar
    ssh: { host: -oProxyCommand=x, user: -l, key: ~/key, hostKey: trust me }
    limits: { memoryMb: 2048 }
    colour: red
  - { local: true, name: here }
  - name: cellar
    ssh: { host: a, user: b, key: /c, hostKey: ${KEY} }
    limits: { memoryMb: 64, diskMb: 64, ports: { from: 9000, to: 8000 } }
`)
    const error = await readHosts(path).catch((cause: unknown) => cause)
    expect(error).toMatchObject({ code: 'input.invalid' })
    const problems = (error as { problems: { path: string; line: number; column: number }[] }).problems
    expect(problems.map((one) => `${one.path} ${one.line}:${one.column}`)).toEqual([
      'hosts[0].ssh.host 4:12',
      'hosts[0].ssh.user 4:36',
      'hosts[0].ssh.key 4:46',
      'hosts[0].ssh.hostKey 4:58',
      'hosts[0].limits.diskMb 5:5',
      'hosts[0].colour 6:5',
      'hosts[1].name 7:20',
      'hosts[2].limits.ports 10:41',
    ])
  })

  it('refuses two hosts of one name, and a host elsewhere without a pinned key', async () => {
    const one = (more: string) =>
      `  - { name: lab, ssh: { host: a, user: b, key: /c${more} }, limits: { memoryMb: 64, diskMb: 64 } }\n`
    const twice = await file(`apiVersion: pipi/v1\nhosts:\n${one(`, hostKey: ${KEY}`).repeat(2)}`)
    await expect(readHosts(twice)).rejects.toMatchObject({
      message: expect.stringContaining('there is a host "lab" already'),
    })
    await expect(readHosts(await file(`apiVersion: pipi/v1\nhosts:\n${one('')}`))).rejects.toMatchObject({
      problems: [{ path: 'hosts[0].ssh.hostKey', line: 3 }],
    })
  })
})
