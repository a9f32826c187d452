import { execFile } from 'node:child_process'
import { mkdir, open, readFile, utimes, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { siteSchema } from '../../../../engines/contract/component.ts'
import { buildComponent } from '../../../../engines/parts/build/build-component.ts'
import { tidyArtifacts } from '../../../../engines/parts/build/tidy-artifacts.ts'
import { artifactsOf, site } from './orders.ts'

/** Each run of it makes something else, so that a result says whether it ran. */
const COUNTS = { command: 'date +%s%N > index.html' }

describe('what was built before', () => {
  it('is taken again for the same source, also by two at the same time, and the story says so', async () => {
    const { order, lines } = await site({ 'a.txt': '' }, COUNTS)
    const both = await Promise.all([
      buildComponent(order),
      buildComponent({ ...order, workFolder: `${order.workFolder}-2` }),
    ])
    expect(both[0]).toEqual(both[1])
    expect(lines.filter((line) => line.includes('built before from this very source'))).toHaveLength(1)
    expect(await buildComponent(order)).toEqual(both[0])
    expect(await artifactsOf(order)).toHaveLength(1)
  })

  it('is not taken for another source, command, environment or account, nor when it was changed', async () => {
    const { order, source } = await site({ 'a.txt': '' }, COUNTS)
    const first = await buildComponent(order)
    const { build } = order.component
    const other = [
      { ...order, account: 'others' },
      { ...order, component: siteSchema.parse({ name: 'site', kind: 'site', build, env: { A: 'b' } }) },
      {
        ...order,
        component: siteSchema.parse({ name: 'site', kind: 'site', build: { command: `${COUNTS.command} ` } }),
      },
    ]
    const digests = new Set([first.digest])
    for (const each of other) digests.add((await buildComponent(each)).digest)
    await writeFile(join(source, 'a.txt'), 'changed')
    digests.add((await buildComponent(order)).digest)
    await writeFile(join(source, 'a.txt'), '')
    await writeFile(join(first.path, 'index.html'), 'somebody else’s')
    const again = await buildComponent(order)
    digests.add(again.digest)
    expect(digests.size).toBe(other.length + 3)
    expect(await readFile(join(again.path, 'index.html'), 'utf8')).toMatch(/^\d+\n$/)
  })

  it('goes when the store is full: the one unused for longest first, never what runs or was just used', async () => {
    const { order, source } = await site({ 'index.html': '0' }, {})
    const kept: string[] = []
    for (const text of ['one', 'two', 'three', 'four']) {
      await writeFile(join(source, 'index.html'), text.repeat(1000))
      kept.push((await buildComponent(order)).digest)
    }
    const [one = '', two = '', three = '', four = ''] = kept
    const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000)
    for (const [digest, hours] of [
      [one, 50],
      [two, 40],
      [three, 30],
    ] as const)
      await utimes(join(order.artifacts, digest), hoursAgo(hours), hoursAgo(hours))
    for (const folder of ['live', '.half-done', '.under-way']) await mkdir(join(order.artifacts, folder))
    await utimes(join(order.artifacts, '.half-done'), hoursAgo(50), hoursAgo(50))
    await writeFile(join(order.artifacts, 'live/workspace.json'), JSON.stringify([{ built: { digest: one } }]))
    await tidyArtifacts(order.artifacts, { bytes: 12_500, restMs: 3_600_000, forgetMs: 1e12 })
    expect((await artifactsOf(order)).sort()).toEqual(['.under-way', one, three, four].sort())
    await tidyArtifacts(order.artifacts, { bytes: 0, restMs: 3_600_000, forgetMs: 1e12 })
    expect((await artifactsOf(order)).sort()).toEqual(['.under-way', one, four].sort())
  })

  it('stays when it is taken into use while the store is looked through', async () => {
    const { order, source } = await site({ 'index.html': '0' }, {})
    const kept: string[] = []
    for (const text of ['one', 'two']) {
      await writeFile(join(source, 'index.html'), text)
      kept.push((await buildComponent(order)).path)
    }
    const long = new Date(Date.now() - 50 * 3_600_000)
    for (const path of kept) await utimes(path, long, long)
    // What runs is read after all was measured: so long as this pipe has no end, that is not over.
    const pipe = join(order.artifacts, 'live/workspace.json')
    await mkdir(join(order.artifacts, 'live'))
    await promisify(execFile)('mkfifo', [pipe])
    const tidied = tidyArtifacts(order.artifacts, { bytes: 0, restMs: 3_600_000, forgetMs: 1e12 })
    const written = await open(pipe, 'w')
    await utimes(kept[0] ?? '', new Date(), new Date())
    await written.close()
    await tidied
    expect(await artifactsOf(order)).toEqual([basename(kept[0] ?? '')])
  })
})
