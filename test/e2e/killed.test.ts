import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { FINAL } from '../../factory/contract/status.ts'
import { processesOf } from '../helpers/leaks.ts'
import { tempFolder } from '../helpers/temp.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { ROOT } from './helpers/pipi.ts'
import { startPlatform, type TestPlatform } from './helpers/platform.ts'

const SLOW = 'aws:lambda/function:Function'
const AWS = { PIPI_ENGINES: 'aws' }
/** A take-over may wait for a lease, a grace and the provider's own deadline. */
const PATIENCE = { timeoutMs: 180_000, everyMs: 500 }

let platform: TestPlatform

afterEach(async () => {
  platform.process.kill('SIGTERM')
  await platform.process.ended
})

interface Resource {
  type: string
  id: string
  urn: string
}

async function siteNamed(name: string): Promise<string> {
  const folder = await tempFolder('site')
  await cp(join(ROOT, 'examples/research-site'), folder, { recursive: true })
  const file = join(folder, 'workspace.yaml')
  await writeFile(file, (await readFile(file, 'utf8')).replace(/^name: .*/m, `name: ${name}`))
  return folder
}

const inventory = async () =>
  (await platform.pipi('sandbox', 'inventory', '--json')).json<{ resources: Resource[] }>().resources
const statusOf = async (id: string) =>
  (await platform.pipi('status', id, '--json')).json<{ status: string; error?: { message: string } }>()

/** Begins a deployment and waits until its slow create has had its effect, of which its engine does not know yet. */
async function inTheMiddleOfACreate(name: string): Promise<string> {
  const fault = ['--type', SLOW, '--kind', 'latency', '--moment', 'after', '--ms', '8000']
  expect((await platform.pipi('sandbox', 'fault', ...fault)).code).toBe(0)
  const folder = await siteNamed(name)
  const accepted = await platform.pipi('deploy', folder, '--engine', 'aws', '--no-wait', '--json')
  const { id } = accepted.json<{ id: string }>()
  let final: unknown
  await waitFor(
    'the create to have its effect',
    async () => {
      const seen = await statusOf(id)
      if ((FINAL as readonly string[]).includes(seen.status)) final = seen
      return final !== undefined || (await inventory()).some((it) => it.type === SLOW)
    },
    PATIENCE,
  )
  expect(final).toBeUndefined()
  return id
}

async function ends(id: string): Promise<void> {
  const final: readonly string[] = FINAL
  const ended = await waitFor(
    `${id} to end by itself`,
    async () => {
      const seen = await statusOf(id)
      return final.includes(seen.status) && seen
    },
    PATIENCE,
  )
  expect(ended).toMatchObject({ status: 'succeeded' })
  const resources = await inventory()
  const urns = resources.map((it) => it.urn)
  expect([...new Set(urns)].sort()).toEqual([...urns].sort())
  expect(resources.filter((it) => it.type === SLOW)).toHaveLength(1)
  const { total } = (await platform.pipi('sandbox', 'bill', '--json')).json<{ total: number }>()
  expect(total).toBe(0)
}

it('an engine killed in the middle of a create: another takes over, and each thing exists once', async () => {
  platform = await startPlatform(await tempFolder('data'), AWS)
  const id = await inTheMiddleOfACreate('killed-engine')
  const { items } = (await platform.pipi('stock', '--json')).json<{
    items: { engine: string; clones: { pid: number; running: string[] }[] }[]
  }>()
  const clones = items.find((it) => it.engine === 'aws')?.clones ?? []
  expect(clones.length).toBeGreaterThan(0)
  for (const { pid } of clones) process.kill(pid, 'SIGKILL')
  await ends(id)
})

it('the platform killed in the middle of a create: the next start finishes the work, and nothing stays of the dead one', async () => {
  const data = await tempFolder('data')
  platform = await startPlatform(data, AWS)
  const id = await inTheMiddleOfACreate('killed-platform')
  const { pid } = JSON.parse(await readFile(join(data, 'platform.json'), 'utf8')) as { pid: number }
  process.kill(pid, 'SIGKILL')
  await platform.process.ended
  // Started again at once: what the dead one had started may still be ending, and must not be able to do harm.
  const before = processesOf(data).map((one) => one.pid)
  platform = await startPlatform(data, AWS)
  await ends(id)
  const left = () => processesOf(data).filter((one) => before.includes(one.pid))
  await waitFor('what the dead platform had started to end', () => left().length === 0, { timeoutMs: 60_000 })
})
