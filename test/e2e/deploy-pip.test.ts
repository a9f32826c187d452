import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { urlsOf } from '../../platform/cli/urls.ts'
import { portIsFree } from '../helpers/free-port.ts'
import { tempFolder } from '../helpers/temp.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { ROOT } from './helpers/pipi.ts'
import { usePlatform } from './helpers/platform.ts'

const platform = usePlatform({ PIPI_ENGINES: 'pip' })

interface Deployment {
  id: string
  status: string
  outputs: Record<string, unknown>
  resources: { urn: string; type: string; demand: { meter: string; bound: string }[] }[]
  error?: { code: string; phase?: string; message: string; hint?: string; lines?: string[] }
}
interface QuotaLine {
  meter: string
  held: number
  left: number
  holders: { workspace: string }[]
}

const ports = (deployment: Deployment) => urlsOf(deployment.outputs).map(({ url }) => Number(new URL(url).port))
const held = async () => {
  const { items } = (await platform.pipi('quota', '--cloud', 'pip', '--json')).json<{ items: QuotaLine[] }>()
  return items.filter((line) => line.held > 0)
}

async function copyOfExample(): Promise<string> {
  const folder = await tempFolder('workspace')
  await cp(join(ROOT, 'examples/research-workspace'), folder, { recursive: true })
  return folder
}

describe('a workspace on this host', () => {
  let first: Deployment

  it('is deployed, and its addresses answer', async () => {
    const ended = await platform.pipi('deploy', 'examples/research-workspace', '--engine', 'pip', '--json')
    first = ended.json<Deployment>()
    expect(first.error).toBeUndefined()
    expect(first.status).toBe('succeeded')
    expect(ended.code).toBe(0)
    const urls = urlsOf(first.outputs)
    expect(urls).toHaveLength(2)
    const bodies = await Promise.all(urls.map(async ({ url }) => await (await fetch(url)).text()))
    expect(bodies.some((body) => body.includes('<h1>Open Estuary Group</h1>'))).toBe(true)
    expect(bodies.some((body) => body.includes('/api/projects'))).toBe(true)
  })

  it('holds what it takes, and every bound is proven', async () => {
    const amounts = first.resources.flatMap((resource) => resource.demand)
    expect(amounts.length).toBeGreaterThan(0)
    expect([...new Set(amounts.map((amount) => amount.bound))]).toEqual(['proven'])
    expect((await held()).flatMap((line) => line.holders.map((holder) => holder.workspace))).toContain('open-estuary')
  })

  it('is seen by status, list, logs and queue', async () => {
    expect((await platform.pipi('status', 'open-estuary')).stdout).toContain('succeeded')
    expect((await platform.pipi('status', first.id, '--json')).json<Deployment>().status).toBe('succeeded')
    expect((await platform.pipi('list')).stdout).toMatch(/open-estuary\s+pip/)
    expect((await platform.pipi('logs', first.id)).stdout).toMatch(/applying/)
    expect((await platform.pipi('logs', first.id, '-f')).code).toBe(0)
    expect((await platform.pipi('queue')).stdout).toContain('Nothing waits')
    expect((await platform.pipi('stock')).stdout).toContain('pip')
    expect((await platform.pipi('engines')).stdout).toContain('pip')
  })

  it('is the same again when nothing changed, at the same addresses', async () => {
    const again = (
      await platform.pipi('deploy', 'examples/research-workspace', '--engine', 'pip', '--json')
    ).json<Deployment>()
    expect(again.status).toBe('succeeded')
    expect(ports(again)).toEqual(ports(first))
    expect(await held()).toHaveLength((await held()).length)
  })

  it('is one deployment when the same key is sent twice', async () => {
    const send = async () =>
      (
        await platform.pipi('deploy', 'examples/research-workspace', '--engine', 'pip', '--key', 'once', '--json')
      ).json<Deployment>().id
    expect(await send()).toBe(await send())
  })

  it('serves what changed', async () => {
    const folder = await copyOfExample()
    const file = join(folder, 'data/group.json')
    await writeFile(file, (await readFile(file, 'utf8')).replace('Open Estuary Group', 'Wide Estuary Group'))
    const changed = (await platform.pipi('deploy', folder, '--engine', 'pip', '--json')).json<Deployment>()
    expect(changed.status).toBe('succeeded')
    const bodies = await Promise.all(urlsOf(changed.outputs).map(async ({ url }) => await (await fetch(url)).text()))
    expect(bodies.some((body) => body.includes('<h1>Wide Estuary Group</h1>'))).toBe(true)
  })

  it('is previewed without changing anything', async () => {
    const before = await held()
    const ended = await platform.pipi('preview', 'examples/research-workspace', '--engine', 'pip', '--json')
    expect(ended.json<Deployment>().status).toBe('succeeded')
    expect(await held()).toEqual(before)
  })

  it('leaves nothing behind when it is destroyed', async () => {
    const ended = await platform.pipi('destroy', 'open-estuary', '--yes', '--json')
    expect(ended.json<Deployment>().status).toBe('succeeded')
    await waitFor('its ports to be closed', async () =>
      (await Promise.all(ports(first).map(portIsFree))).every(Boolean),
    )
    expect(await held()).toEqual([])
  })
})

describe('a workspace that fails', () => {
  it('in its build says so with its last lines, and gives back what was reserved', async () => {
    const folder = await copyOfExample()
    await writeFile(join(folder, 'site/build.mjs'), "console.log('cannot find the tide')\nprocess.exit(3)\n")
    const ended = await platform.pipi('deploy', folder, '--engine', 'pip', '--json')
    expect(ended.code).toBe(1)
    const { status, error } = ended.json<Deployment>()
    expect(status).toBe('failed')
    expect(error).toMatchObject({ code: 'build.failed', phase: 'building' })
    expect(error?.lines?.join('\n')).toContain('cannot find the tide')
    expect(error?.hint ?? '').not.toBe('')
    expect(await held()).toEqual([])
  })

  it('to become healthy says so with its last lines, and nothing of it stays', async () => {
    const folder = await copyOfExample()
    await writeFile(join(folder, 'service/server.js'), "console.log('no harbour in sight')\nprocess.exit(4)\n")
    const ended = await platform.pipi('deploy', folder, '--engine', 'pip', '--json')
    expect(ended.code).toBe(1)
    const { status, error } = ended.json<Deployment>()
    expect(status).toBe('failed')
    expect(`${error?.message}\n${error?.lines?.join('\n')}`).toContain('no harbour in sight')
    expect(error?.hint ?? '').not.toBe('')
    await platform.pipi('destroy', 'open-estuary', '--yes')
    expect(await held()).toEqual([])
  })
})
