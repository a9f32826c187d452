import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { unpackedBytes } from '../../../../engines/parts/container/unpacked-bytes.ts'
import { unpackImage } from '../../../../engines/parts/image/unpack.ts'
import { imageOf, rawTar } from '../../../helpers/images.ts'
import { tempFolder } from '../../../helpers/temp.ts'

const { signal } = new AbortController()

it('an image takes no more of a disk than it is measured to, small files and folders that nobody names included', async () => {
  const small = Array.from({ length: 200 }, (_, at) => ({ path: `a/${at}/b/c/d`, type: 'File' as const, body: 'x' }))
  const { path } = await imageOf([rawTar(small), rawTar(small)])
  const measured = await unpackedBytes(path)
  const files = join(await tempFolder('rootfs'), 'files')
  await unpackImage(path, files, { signal, bytes: measured })
  const { stdout } = await promisify(execFile)('du', ['-sk', files])
  expect(measured).toBeGreaterThanOrEqual(Number.parseInt(stdout, 10) * 1024)
})

it('an image that makes more folders than are measured, by links that change on the way, is not unpacked', async () => {
  const deep = `${'d/'.repeat(200)}file`
  const turns = Array.from({ length: 20 }, (_, at) => [
    { path: `to-${at}`, type: 'Directory' as const },
    { path: 'x', type: 'SymbolicLink' as const, linkpath: `to-${at}` },
    { path: `x/${deep}`, type: 'File' as const, body: '' },
  ])
  const { path } = await imageOf([rawTar(turns.flat())])
  const files = join(await tempFolder('rootfs'), 'files')
  const unpacking = unpackImage(path, files, { signal, bytes: await unpackedBytes(path) })
  await expect(unpacking).rejects.toMatchObject({ message: expect.stringContaining('more than is allowed') })
})

it('what is no archive, or leads out of the image, is refused when it is measured', async () => {
  for (const layer of [Buffer.from('no archive'), rawTar([{ path: '../x', type: 'File', body: 'x' }])])
    await expect(unpackedBytes((await imageOf([layer])).path)).rejects.toMatchObject({ code: 'build.failed' })
})
