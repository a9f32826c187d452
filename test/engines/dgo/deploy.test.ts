import { describe, expect, it } from 'vitest'
import type { Artifact } from '../../../engines/contract/engine.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { built, component, SITE_FILES, useCloud } from '../use-cloud.ts'
import { repository } from './repository.ts'

const cloud = useCloud('dgo')

function artifactOf(from: { url: string; commit: string }, ref = 'main', path = '.'): Artifact {
  return { travels: 'git', url: from.url, ref, commit: from.commit, path }
}

describe('a site on dgo', () => {
  it('is cloned and served by App Platform itself, and built again after a push', async () => {
    const source = await repository()
    const part = { component: component({ kind: 'site', name: 'pages', path: 'site' }), artifact: artifactOf(source) }
    const { stack } = await cloud.open([part])
    const url = String((await stack.up()).outputs.pages?.value.url)
    expect(await (await fetch(url)).text()).toBe(SITE_FILES['index.html'])
    expect((await fetch(new URL('nowhere', url))).status).toBe(404)
    expect(Object.keys((await stack.up()).summary.resourceChanges ?? {})).toEqual(['same'])

    part.artifact = artifactOf({ url: source.url, commit: await source.push({ 'index.html': 'pushed' }) })
    expect(String((await stack.up()).outputs.pages?.value.url)).toBe(url)
    expect(await (await fetch(url)).text()).toBe('pushed')
    expect(await cloud.billed()).toBe(0)
  })

  it('is reached by the address of its App while a domain of its own has yet to lead there', async () => {
    const source = await repository()
    const pages = component({
      kind: 'site',
      name: 'pages',
      path: 'site',
      domains: ['lab.university.example', 'lab.example'],
    })
    const { stack } = await cloud.open([{ component: pages, artifact: artifactOf(source) }])
    const url = String((await stack.up()).outputs.pages?.value.url)
    expect(await (await fetch(url)).text()).toBe(SITE_FILES['index.html'])
    const [app] = await cloud.inventory()
    expect(app?.outputs.liveUrl).toBe('https://lab.university.example')
    expect(app?.inputs).toMatchObject({
      spec: {
        domainNames: [
          { name: 'lab.university.example', type: 'PRIMARY' },
          { name: 'lab.example', type: 'ALIAS' },
        ],
      },
    })
    const rule = cloud.engine.rules[app?.type ?? '']
    const context = { plan: 'free-parts', region: 'nyc', expect: { requests: 1000, egressMb: 5 } }
    expect(rule?.demand(app?.inputs ?? {}, context).ok).toBe(true)
  })

  it('runs the build command and serves its output folder', async () => {
    const source = await repository({ 'page.txt': 'built' })
    const build = { command: 'mkdir -p out && cp page.txt out/index.html', output: 'out' }
    const part = {
      component: component({ kind: 'site', name: 'pages', path: 'site', build }),
      artifact: artifactOf(source),
    }
    const { stack } = await cloud.open([part])
    const url = String((await stack.up()).outputs.pages?.value.url)
    expect(await (await fetch(url)).text()).toBe('built')
    expect((await fetch(new URL('page.txt', url))).status).toBe(404)
  })

  it('is refused for a branch or a folder that is not there, and nothing is made', async () => {
    const source = await repository()
    for (const [path, ref] of [
      ['site', 'nowhere'],
      ['other', 'main'],
      ['site', 'v1'],
    ] as const) {
      const part = { component: component({ kind: 'site', name: 'pages', path }), artifact: artifactOf(source, ref) }
      const { stack } = await cloud.open([part])
      await expect(stack.up()).rejects.toThrow(/error deploying app/)
      expect(await cloud.inventory()).toEqual([])
    }
  })

  it('is taken as a fourth App and charged, since the platform itself refuses nothing', async () => {
    const source = await repository()
    const parts = ['one', 'two', 'three'].map((name) => ({
      component: component({ kind: 'site', name, path: 'site' }),
      artifact: artifactOf(source),
    }))
    const { stack } = await cloud.open(parts)
    await stack.up()
    expect(await cloud.billed()).toBe(0)
    parts.push({ component: component({ kind: 'site', name: 'four', path: 'site' }), artifact: artifactOf(source) })
    await stack.up()
    expect(await cloud.billed()).toBe(3)
  })

  it('is found again in the list of Apps by its name', async () => {
    const source = await repository()
    const { stack } = await cloud.open([
      { component: component({ kind: 'site', name: 'pages', path: 'site' }), artifact: artifactOf(source) },
    ])
    await stack.up()
    const rule = cloud.engine.rules['digitalocean:index/app:App']
    const [app] = await cloud.inventory()
    const reader = cloud.reader()
    try {
      expect(await rule?.find(rule.lookup(app?.inputs ?? {}), reader, 'w1')).toBe(app?.id)
      expect(await rule?.find({ name: 'another' }, reader, 'w1')).toBeUndefined()
    } finally {
      reader.close()
    }
  })

  it('needs a git source at a branch: a folder or a commit is refused with what to do', async () => {
    const site = component({ kind: 'site', name: 'pages' })
    const pack = cloud.engine.programs.site?.pack
    const git = { url: 'https://example.org/r.git', ref: 'a'.repeat(40), commit: 'a'.repeat(40), path: '.' }
    const atCommit = pack?.({ ...(await built(SITE_FILES)), git }, site, await tempFolder('packed'))
    await expect(atCommit).rejects.toMatchObject({ code: 'build.failed', hint: 'name a branch as source.ref' })
    const packing = pack?.(await built(SITE_FILES), site, await tempFolder('packed'))
    await expect(packing).rejects.toMatchObject({ code: 'build.failed', hint: expect.stringContaining('source.git') })
  })
})
