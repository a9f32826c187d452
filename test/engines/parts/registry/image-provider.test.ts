import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { IMAGE_MS as GGC_IMAGE_MS } from '../../../../engines/ggc/provider/index.ts'
import { IMAGE_MS as IBM_IMAGE_MS } from '../../../../engines/ibm/provider/images.ts'
import { declareByType } from '../../../../engines/parts/declare/by-type.ts'
import type { Layout } from '../../../../engines/parts/image/layout.ts'
import { openRegistry, type Registry } from '../../../../engines/parts/registry/client.ts'
import { imageProvider } from '../../../../engines/parts/registry/image-provider.ts'
import { loadEngine } from '../../../../engines/scan.ts'
import { type ServedProvider, serveProvider } from '../../../../stacks/provider/serve.ts'
import { UNKNOWN } from '../../../../stacks/wire/values.ts'
import { imageOf, rawTar } from '../../../helpers/images.ts'
import { startRegistry, type TestRegistry } from '../../../helpers/registry.ts'
import { attachedStack } from '../../../stacks/provider/attached-stack.ts'
import { play } from './played-registry.ts'

const TYPE = 'own:registry:Image'
const started = await startRegistry()
const why = 'missing' in started ? ` (skipped: ${started.missing})` : ''

function image(text: string): Promise<Layout> {
  return imageOf([rawTar([{ path: 'text', type: 'File', body: text }])], { Cmd: ['/text'] })
}

describe.skipIf('missing' in started)(`an image as a resource${why}`, () => {
  const registry = started as TestRegistry
  const provider = () =>
    imageProvider({ name: 'own', type: TYPE, login: async () => undefined, withinMs: 60_000, pauseMs: 1 })
  const inputs = ({ manifest, bytes, path }: Layout, name: string) => ({
    ...{ repository: `${registry.host}/${name}`, digest: manifest.digest.slice(7), bytes, layout: path },
  })
  let client: Registry
  let served: ServedProvider
  beforeAll(async () => {
    client = openRegistry({ base: registry.base })
    served = await serveProvider(provider())
  })
  afterAll(async () => {
    await served?.close()
    await registry.close()
  })

  it('is pushed, stays as it is, gives way to the next one after the switch, comes back, and goes', async () => {
    const [one, two] = [await image('one'), await image('two')]
    let current = one
    const { stack, isEmpty, remove } = await attachedStack({ own: served.address }, async () => {
      return { reference: declareByType(TYPE, 'app', inputs(current, 'a/app'), {}, ['reference']).reference }
    })
    const there = async () => [
      await client.has('a/app', one.manifest.digest),
      await client.has('a/app', two.manifest.digest),
    ]
    const first = await stack.up()
    expect(first.outputs.reference?.value).toBe(`${registry.host}/a/app@${one.manifest.digest}`)
    expect(await there()).toEqual([true, false])
    // The same image from another folder.
    current = await image('one')
    expect((await stack.up()).summary.resourceChanges).toEqual({ same: 2 })
    current = two
    const before = (await registry.asked()).length
    expect((await stack.up()).summary.resourceChanges).toMatchObject({ replace: 1 })
    const steps = (await registry.asked()).slice(before).filter((line) => /^(PUT|DELETE) .*manifests/.test(line))
    expect(steps.map((line) => line.split(' ')[0])).toEqual(['PUT', 'DELETE'])
    expect(await there()).toEqual([false, true])
    current = one
    await stack.up()
    expect(await there()).toEqual([true, false])
    await client.remove('a/app', one.manifest.digest)
    expect((await stack.refresh()).summary.resourceChanges).toMatchObject({ delete: 1 })
    await stack.up()
    expect(await there()).toEqual([true, false])
    await stack.destroy()
    expect([await there(), await isEmpty()]).toEqual([[false, false], true])
    await remove()
  })

  it('is found by its reference with the bytes that the registry keeps, and undefined where it is not', async () => {
    const layout = await image('found')
    const own = await provider().configure({})
    const { id } = await own.create(TYPE, inputs(layout, 'a/found'), 'urn', false)
    const found = await own.read(TYPE, id, 'urn', undefined)
    expect(found).toMatchObject({
      id,
      inputs: { ...inputs(layout, 'a/found'), layout: '' },
      outputs: { reference: id },
    })
    const none = id.replace(/[0-9a-f]{64}$/, '0'.repeat(64))
    expect(await own.read(TYPE, none, 'urn', undefined)).toBeUndefined()
  })

  it('stays when an older resource of the same image goes in the same run', async () => {
    const layout = await image('wanted')
    const given = inputs(layout, 'a/wanted')
    const run = await provider().configure({})
    const { id } = await run.create(TYPE, given, 'urn', false)
    const again = await provider().configure({})
    await again.check(TYPE, given, given, 'urn')
    await again.delete(TYPE, id, {}, 'urn')
    expect(await client.has('a/wanted', layout.manifest.digest)).toBe(true)
    const later = await provider().configure({})
    await later.delete(TYPE, id, {}, 'urn')
    expect(await client.has('a/wanted', layout.manifest.digest)).toBe(false)
  })

  it('is not pushed when it is another one, or larger, than was granted', async () => {
    const layout = await image('granted')
    const own = await provider().configure({})
    const given = inputs(layout, 'a/granted')
    for (const other of [{ bytes: 1 }, { digest: 'a'.repeat(64) }])
      await expect(own.create(TYPE, { ...given, ...other }, 'urn', false)).rejects.toThrow(/should hold the image/)
    expect(await client.has('a/granted', layout.manifest.digest)).toBe(false)
  })

  it('has a reference before it is pushed, unless its repository is not known yet', async () => {
    const own = await provider().configure({})
    const given = inputs(await image('seen'), 'a/seen')
    const { id, outputs } = await own.create(TYPE, given, 'urn', true)
    expect([id, outputs.reference]).toEqual(['', `${given.repository}@sha256:${given.digest}`])
    const open = await own.create(TYPE, { ...given, repository: UNKNOWN }, 'urn', true)
    expect(open.outputs.reference).toBe(UNKNOWN)
  })

  it('is refused with what is wrong with its inputs', async () => {
    const own = await provider().configure({})
    const { failures } = await own.check(
      TYPE,
      { repository: 'Not/A/Repository', digest: 'abc', bytes: 0, layout: '/x', tag: 'latest' },
      undefined,
      'urn',
    )
    expect(failures.map(({ property }) => property).sort()).toEqual(['bytes', 'digest', 'repository', 'tag'])
    await expect(own.create('own:other:Thing', {}, 'urn', false)).rejects.toThrow(/has no own:other:Thing/)
  })

  it('that the registry does not let go fails to go, since its bytes go on counting', async () => {
    const keeps = await startRegistry({ deletes: false })
    if ('missing' in keeps) throw new Error(keeps.missing)
    try {
      const layout = await image('kept')
      const given = { ...inputs(layout, ''), repository: `${keeps.host}/a/kept` }
      const { id } = await (await provider().configure({})).create(TYPE, given, 'urn', false)
      const later = await provider().configure({})
      await expect(later.delete(TYPE, id, {}, 'urn')).rejects.toThrow(/stays there/)
    } finally {
      await keeps.close()
    }
  })
})

describe('an operation on an image', () => {
  it('is given up at the end of its time, and nothing is sent after it', async () => {
    const registry = await play(() => ({ status: 503 }))
    try {
      const layout = await image('late')
      const slow = imageProvider({
        name: 'own',
        type: TYPE,
        login: async () => undefined,
        withinMs: 200,
        pauseMs: 10_000,
      })
      const own = await slow.configure({})
      const given = { repository: `${new URL(registry.base).host}/a/late`, digest: layout.manifest.digest.slice(7) }
      const inputs = { ...given, bytes: layout.bytes, layout: layout.path }
      await expect(own.create(TYPE, inputs, 'urn', false)).rejects.toThrow(/a\/late: not done within 0.2 s/)
      expect(registry.asked.length).toBeLessThan(2)
    } finally {
      await registry.close()
    }
  })

  it.each([
    ['ggc', 'gcp-own:registry:Image', GGC_IMAGE_MS],
    ['ibm', 'ibm:registry/image:Image', IBM_IMAGE_MS],
  ])('has ended at %s before the guard gives it up', async (code, type, withinMs) => {
    const deadline = (await loadEngine(code)).dna.deadlinesMs[type]
    expect(deadline).toBeGreaterThanOrEqual(withinMs + 300_000)
  })
})
