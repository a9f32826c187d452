import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tempFolder } from '../../helpers/temp.ts'
import { type Lab, manifest, openLab, sourceFolder } from './clone.ts'

describe('a workspace that is made to stand still', () => {
  let lab: Lab
  let folder: string
  let url: string
  let held: Record<string, number>
  const site = manifest([{ kind: 'site', name: 'site' }])
  beforeAll(async () => {
    folder = await tempFolder()
    lab = await openLab('aws', folder)
    const source = await sourceFolder(join(folder, 'source'), { 'index.html': '<h1>awake</h1>' })
    const done = await lab.carry('deploy', site, { source })
    expect(done.error ?? done.refusal).toBeUndefined()
    url = (done.outputs as Record<string, { url: string }>).site?.url ?? ''
    held = await lab.meters()
    // From here on nothing can be built any more.
    await rm(source, { recursive: true })
  })
  afterAll(() => lab?.close())

  const ids = async () => ((await lab.admin('/inventory')).resources as { id: string }[]).map(({ id }) => id).sort()

  it('burns nothing, keeps its place in every limit and all that it consists of, and needs no source for it', async () => {
    const before = await ids()
    expect((await fetch(url)).status).toBe(200)
    const done = await lab.carry('suspend', site)
    expect(done.error ?? done.refusal).toBeUndefined()
    expect((await lab.story(done)).map(({ text }) => text)).toContain('what runs is still at hand')
    expect((await fetch(url)).status).toBe(429)
    expect(await ids()).toEqual(before)
    expect(await lab.meters()).toEqual(held)
  })

  it('is built again from its source where this host does not know what runs', async () => {
    await rm(join(folder, 'artifacts', 'live'), { recursive: true })
    const done = await lab.carry('suspend', site)
    expect(done.error ?? done.refusal).toBeUndefined()
    expect((await lab.story(done)).map(({ text }) => text)).toContain('building site')
    expect((await fetch(url)).status).toBe(429)
  })

  it('comes back as it was', async () => {
    const before = await ids()
    const done = await lab.carry('resume', site)
    expect(done.error ?? done.refusal).toBeUndefined()
    expect(await (await fetch(url)).text()).toContain('awake')
    expect(await ids()).toEqual(before)
    expect(await lab.meters()).toEqual(held)
  })
})
