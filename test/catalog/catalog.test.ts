import { mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { lintPlatform } from '../../catalog/lint.ts'
import { CATALOG_FOLDER, loadCatalog, loadPlatform, readCatalog } from '../../catalog/load.ts'
import type { Platform } from '../../catalog/schema.ts'
import { tempFolder } from '../helpers/temp.ts'

const MINIMAL = `code: xyz
name: Some Cloud
homepage: https://example.org/
checked: '2026-11-23'
goodForDays: 180
plans:
  - { id: free, kind: always-free, atLimit: blocked, card: 'no', expires: never, sources: [S1], confidence: high }
services:
  - id: some-service
    category: function
    plan: free
    meters:
      - { name: requests, unit: request, limit: 10, period: month, scope: account }
    onLimit: blocked
    sources: [S1]
    confidence: high
sources:
  S1: { title: A page, url: 'https://example.org/free', date: '2026-11-23', kind: official }
`

async function folderWith(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(await tempFolder('catalog'), 'c-'))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  return folder
}

describe('the catalogue', () => {
  it('holds every platform of the list and own hosts, without a problem', async () => {
    const { platforms, problems } = await readCatalog()
    expect(problems).toEqual([])
    const wanted = 'aws ggc azu dgo ibm ora cfl net ver ren zea sfc hez lin osh ovh was ten ali chs ale met pip'.split(
      ' ',
    )
    expect([...platforms.keys()].sort()).toEqual(wanted.sort())
    expect((await readdir(CATALOG_FOLDER)).filter((name) => name.endsWith('.yaml'))).toHaveLength(wanted.length)
  })

  it('names a source with a date for each service', async () => {
    for (const platform of (await loadCatalog()).values()) {
      for (const service of platform.services) {
        expect(service.sources.length, service.id).toBeGreaterThan(0)
        for (const id of service.sources) expect(platform.sources[id]?.date, `${platform.code} ${id}`).toBeTruthy()
      }
    }
  })

  it('says every problem with file, line and column', async () => {
    const folder = await folderWith({
      'xyz.yaml': MINIMAL.replace('limit: 10', 'limit: -1')
        .replace('kind: always-free', 'kind: forever')
        .replace('homepage:', 'homepgae:'),
      'abc.yaml': 'code: abc\n  name: [',
    })
    const { problems } = await readCatalog(folder)
    const shown = problems.map(({ file, line, column, path }) => [
      file?.slice(folder.length + 1),
      line,
      column,
      path ?? '',
    ])
    expect(shown).toContainEqual(['xyz.yaml', 13, 42, 'services[0].meters[0].limit'])
    expect(shown).toContainEqual(['xyz.yaml', 7, 17, 'plans[0].kind'])
    expect(shown).toContainEqual(['xyz.yaml', 3, 1, 'homepgae'])
    expect(shown).toContainEqual(['xyz.yaml', 1, 1, 'homepage'])
    expect(shown.some(([file, line]) => file === 'abc.yaml' && Number(line) > 0)).toBe(true)
    await expect(loadCatalog(folder)).rejects.toMatchObject({ code: 'catalog.invalid', problems: expect.any(Array) })
  })

  it('refuses aliases, doubled keys and files of another name', async () => {
    const bomb = `a: &a [1]\nb: [*a, *a]\n`
    for (const [name, text] of [
      ['xyz.yaml', bomb],
      ['xyz.yaml', `${MINIMAL}code: xyz\n`],
      ['abc.yaml', MINIMAL],
    ] as const) {
      const { problems } = await readCatalog(await folderWith({ [name]: text }))
      expect(problems.length, text.slice(0, 20)).toBeGreaterThan(0)
      for (const problem of problems)
        expect(problem).toMatchObject({ line: expect.any(Number), column: expect.any(Number) })
    }
  })

  it('lints what a schema cannot see', async () => {
    const platform = await loadPlatform('dgo')
    const broken: Platform = structuredClone(platform)
    broken.services[0]?.sources.push('Z9')
    if (broken.services[1] !== undefined) broken.services[1].plan = 'no-such-plan'
    broken.services.push(structuredClone(platform.services[2] as Platform['services'][number]))
    broken.zeroCost.push('digitalocean:index/app:App')
    const messages = lintPlatform(broken, 'dgo.yaml', 'dgo', () => ({ line: 1, column: 1 })).map(
      (problem) => problem.message,
    )
    expect(messages).toContain('no source "Z9"')
    expect(messages).toContain('no plan "no-such-plan"')
    expect(messages.some((message) => message.includes('stands twice'))).toBe(true)
    expect(messages.some((message) => message.includes('free of charge as well'))).toBe(true)
  })

  it.each<[string, (service: Platform['services'][number], platform: Platform) => void, string, RegExp]>([
    [
      'a reader that costs money',
      (service, platform) => {
        platform.readers.dear = {
          title: 'dear',
          call: 'dear',
          delayMinutes: 1,
          usdPerCall: 0.01,
          sources: [],
          confidence: 'high',
        }
        if (service.meters[0] !== undefined) service.meters[0].reader = 'dear'
      },
      'services[0].meters[0].reader',
      /costs 0.01 USD, so it is never called/,
    ],
    [
      'a reader that is not there',
      (service) => {
        if (service.meters[0] !== undefined) service.meters[0].reader = 'nobody'
      },
      'services[0].meters[0].reader',
      /no reader "nobody"/,
    ],
    [
      'a condition on a stranger',
      (service) => {
        service.require = [{ property: 'a', equals: 1, on: ['digitalocean:index/tag:Tag'] }]
      },
      'services[0].require[0].on',
      /no type of this service/,
    ],
    [
      'a condition without one',
      (service) => {
        service.require = [{ property: 'a', fill: 1 }]
      },
      'services[0].require[0]',
      /without a condition/,
    ],
    [
      'two ways to compute',
      (service) => {
        service.takes = [{ meter: 'apps', count: 1, expect: 'requests', defaults: {} }]
      },
      'services[0].takes[0]',
      /2 ways/,
    ],
    [
      'a meter that is not there',
      (service) => {
        service.takes = [{ meter: 'do-dns.zones', count: 1, defaults: {} }]
      },
      'services[0].takes[0].meter',
      /no meter "do-dns.zones"/,
    ],
    [
      'a whole of what has no limit of its own',
      (service) => {
        service.takes = [{ meter: 'apps', whole: true, defaults: {} }]
      },
      'services[0].takes[0].whole',
      /limit per resource/,
    ],
    [
      'a plan that is not there',
      (service) => {
        service.onLimitOn = { gold: 'bill' }
      },
      'services[0].onLimitOn.gold',
      /no plan "gold"/,
    ],
    [
      'an hourly price of what is counted by month',
      (service) => {
        if (service.meters[1] !== undefined) service.meters[1].price = { usd: 1, per: 1, every: 'hour' }
      },
      'services[0].meters[1].price.every',
      /charged by the hour/,
    ],
    [
      'an example of nothing',
      (_, platform) => {
        platform.examples['digitalocean:index/moon:Moon'] = {}
      },
      'examples.digitalocean:index/moon:Moon',
      /named nowhere/,
    ],
  ])('lints %s, with its place', async (_, spoil, path, message) => {
    const platform = structuredClone(await loadPlatform('dgo'))
    const [service] = platform.services
    if (service === undefined) throw new Error('the first service')
    spoil(service, platform)
    const problems = lintPlatform(platform, 'dgo.yaml', 'dgo', () => ({ line: 7, column: 3 }))
    expect(problems).toContainEqual(
      expect.objectContaining({ file: 'dgo.yaml', line: 7, column: 3, path, message: expect.stringMatching(message) }),
    )
  })

  it('names the platforms there are when one is not', async () => {
    await expect(loadPlatform('zzz')).rejects.toMatchObject({ code: 'not-found', hint: expect.stringContaining('aws') })
    await expect(loadPlatform('../etc/passwd')).rejects.toMatchObject({ code: 'not-found' })
  })
})
