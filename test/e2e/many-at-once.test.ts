import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { tempFolder } from '../helpers/temp.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { ROOT } from './helpers/pipi.ts'
import { usePlatform } from './helpers/platform.ts'

// Short times, so that breeding and draining are seen soon; what is decided is the same.
const platform = usePlatform({
  ...{ PIPI_ENGINES: 'pip', PIPI_MAX_CLONES: '2' },
  ...{ PIPI_BREED_AFTER_MS: '500', PIPI_DRAIN_AFTER_MS: '2000' },
})

interface Stock {
  items: { engine: string; waiting: number; clones: { clone: string; state: string }[] }[]
}

const clones = async () => {
  const { items } = (await platform.pipi('stock', '--json')).json<Stock>()
  return (items.find((it) => it.engine === 'pip')?.clones ?? []).filter((clone) => clone.state !== 'gone')
}

it('twelve deployments at once on one engine: a second clone comes, all succeed, and it goes again', async () => {
  const folder = await tempFolder('site')
  await cp(join(ROOT, 'examples/research-site'), folder, { recursive: true })
  const manifest = await readFile(join(folder, 'workspace.yaml'), 'utf8')
  const files = Array.from({ length: 12 }, (_, at) => join(folder, `workspace.${at + 1}.yaml`))
  for (const [at, file] of files.entries()) {
    await writeFile(file, manifest.replace(/^name: .*/m, `name: site-${at + 1}`))
  }
  const accepted = await Promise.all(
    files.map((file) => platform.pipi('deploy', file, '--engine', 'pip', '--no-wait', '--json')),
  )
  const ids = accepted.map((ended) => ended.json<{ id: string }>().id)
  await waitFor('a second clone', async () => (await clones()).length === 2, { timeoutMs: 60_000 })
  const ends = await Promise.all(ids.map(async (id) => (await platform.pipi('logs', id, '-f')).code))
  expect(ends).toEqual(ids.map(() => 0))
  await waitFor('one clone to be left', async () => (await clones()).length === 1, { timeoutMs: 60_000 })
})

it('destroys them all, and gives back every place', async () => {
  const names = Array.from({ length: 12 }, (_, at) => `site-${at + 1}`)
  const asked = await Promise.all(names.map((name) => platform.pipi('destroy', name, '--yes', '--no-wait', '--json')))
  const ids = asked.map((ended) => ended.json<{ id: string }>().id)
  for (const id of ids) expect((await platform.pipi('logs', id, '-f')).code).toBe(0)
  const { items } = (await platform.pipi('quota', '--cloud', 'pip', '--json')).json<{ items: { held: number }[] }>()
  expect(items.every((line) => line.held === 0)).toBe(true)
})
