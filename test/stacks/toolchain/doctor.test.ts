import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checks } from '../../../stacks/toolchain/doctor.ts'
import { placeOf } from '../../../stacks/toolchain/find-pulumi.ts'
import { freePort } from '../../helpers/free-port.ts'
import { tempFolder } from '../../helpers/temp.ts'

describe('the doctor', () => {
  it('finds what this machine has, and changes nothing', async () => {
    const dataDir = join(await tempFolder(), 'not', 'there', 'yet')
    const found = await examine({ dataDir })
    for (const name of ['Node.js', 'npm', 'git', 'PostgreSQL', 'system user', 'data folder', 'cache folder']) {
      expect(found[name], name).toMatchObject({ ok: true })
    }
    expect(found['data folder']?.found).toContain('made on first use')
    expect(found.git?.found).toMatch(/^2\.\d+\.\d+ \(\//)
  })

  it('names each missing tool with its remedy', async () => {
    const found = await examine({ environment: { PATH: await tempFolder() } })
    expect(found.npm).toMatchObject({ ok: false, found: 'not on PATH', remedy: expect.stringContaining('install') })
    expect(found.git).toMatchObject({
      ok: false,
      found: 'not on PATH',
      remedy: expect.stringContaining('apt-get install git'),
    })
    expect(found['Pulumi CLI']).toMatchObject({ ok: false, found: expect.stringContaining('our cache: not in') })
  })

  it('names a tool that is too old', async () => {
    const folder = await tempFolder()
    await writeFile(join(folder, 'git'), '#!/bin/sh\necho git version 2.20.1\n', { mode: 0o755 })
    const found = await examine({ environment: { PATH: folder } })
    expect(found.git).toMatchObject({ ok: false, found: expect.stringContaining('2.20.1'), wanted: '2.30.0 or newer' })
  })

  it('does not ask for Go where the Pulumi CLI is there', async () => {
    const cacheDir = await tempFolder()
    const environment = { PATH: '/nowhere' }
    const { path } = placeOf(cacheDir)
    await mkdir(join(path, '..'), { recursive: true })
    await writeFile(path, '#!/bin/sh\necho v3.258.0\n', { mode: 0o755 })
    expect((await examine({ cacheDir, environment })).Go).toMatchObject({
      ok: true,
      found: expect.stringContaining('not needed'),
    })
  })

  it('tells a taken port from a platform of ours', async () => {
    for (const [status, ok] of [
      [404, false],
      [200, true],
    ] as const) {
      const server = createServer((_, answer) => answer.writeHead(status).end()).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      const found = await examine({ port })
      expect(found[`port ${port}`]).toMatchObject({ ok })
      server.close()
      server.closeAllConnections()
    }
  })

  it('finds a data folder that is a file', async () => {
    const file = join(await tempFolder(), 'data')
    await writeFile(file, '')
    expect((await examine({ dataDir: file }))['data folder']).toMatchObject({
      ok: false,
      found: expect.stringContaining('is a file'),
    })
  })
})

async function examine(options: Partial<Parameters<typeof checks>[0]>) {
  const all = checks({
    dataDir: await tempFolder(),
    cacheDir: await tempFolder(),
    port: await freePort(),
    environment: process.env,
    ...options,
  })
  return Object.fromEntries(await Promise.all(all.map(async (check) => [check.name, await check.run()] as const)))
}
