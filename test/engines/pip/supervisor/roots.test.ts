import { createHash } from 'node:crypto'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { unpackedBytes } from '../../../../engines/parts/container/unpacked-bytes.ts'
import { Roots } from '../../../../engines/pip/supervisor/roots.ts'
import { type ProcessSpec, processSpecSchema } from '../../../../engines/pip/supervisor/spec.ts'
import { imageOf, rawTar } from '../../../helpers/images.ts'
import { tempFolder } from '../../../helpers/temp.ts'

const OURS = process.arch === 'x64' ? 'amd64' : process.arch

describe('the unpacked images of a host', () => {
  let release: string
  let spec: ProcessSpec
  beforeAll(async () => {
    const image = await imageOf([rawTar([{ path: 'run', type: 'File', body: 'run' }])], { Cmd: ['/run'] }, OURS)
    release = image.path
    spec = specOf('a', await unpackedBytes(release))
  })
  const specOf = (name: string, unpacked?: number): ProcessSpec =>
    processSpecSchema.parse({
      ...{
        name: 'web',
        runtime: 'container',
        source: release,
        bytes: 0,
        memory: 64,
        unpacked: unpacked ?? spec.unpacked,
      },
      digest: createHash('sha256').update(name).digest('hex'),
    })

  it('are two of a process at most: a third is unpacked when one of them is left', async () => {
    const folder = await tempFolder('roots')
    const roots = await Roots.open(folder, [])
    const first = await roots.take(spec, release)
    await roots.want('web', spec.digest)
    const next = specOf('b')
    const second = await roots.take(next, release)
    await roots.want('web', next.digest)
    const last = specOf('c')
    let most = 0
    const taking = roots.take(last, release).finally(async () => {
      most = (await readdir(join(folder, 'web'))).length
    })
    // Another of what is there waits for nobody.
    await (await roots.take(next, release)).leave()
    expect(await readdir(join(folder, 'web'))).toHaveLength(2)
    await first.leave()
    const third = await taking
    expect(most).toBe(2)
    expect(await readFile(join(third.path, 'run'), 'utf8')).toBe('run')
    await roots.want('web', undefined)
    await second.leave()
    await third.leave()
    expect(await readdir(folder)).toEqual([])
  })

  it('are unpacked within a time, or not, and nothing is left of one that was not', async () => {
    const folder = await tempFolder('roots')
    const roots = await Roots.open(folder, [], 1)
    const large = await imageOf([rawTar([{ path: 'run', type: 'File', body: Buffer.alloc(2 ** 25) }])], {}, OURS)
    await expect(roots.take(specOf('large', 2 ** 26), large.path)).rejects.toMatchObject({
      code: 'provider.failed',
      message: 'the image of web was not unpacked in 0.001 s',
    })
    expect(await readdir(join(folder, 'web')).catch(() => [])).toEqual([])
  })

  it.each(['', '{"command":["/run"]}', undefined])(
    'are unpacked once more where a power loss left %o to start by',
    async (left) => {
      const folder = await tempFolder('roots')
      const { path, start } = await (await Roots.open(folder, [])).take(spec, release)
      const file = join(dirname(path), 'start.json')
      await (left === undefined ? rm(file) : writeFile(file, left))
      await writeFile(join(path, 'run'), '')
      const again = await (await Roots.open(folder, [spec])).take(spec, release)
      expect({ path: again.path, start: again.start }).toEqual({ path, start })
      expect(await readFile(join(path, 'run'), 'utf8')).toBe('run')
      expect(await readdir(dirname(path))).toEqual(['files', 'start.json'])
    },
  )
})
