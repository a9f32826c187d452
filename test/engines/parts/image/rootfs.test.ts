import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Rootfs } from '../../../../engines/parts/image/rootfs.ts'
import { tempFolder } from '../../../helpers/temp.ts'

it('a folder is looked through once in a layer, however often that and those around it hide what lies below', async () => {
  const root = await tempFolder('rootfs')
  const files = new Rootfs(root, () => undefined)
  const lower = async (name: string) => {
    await mkdir(join(root, 'a', 'b'), { recursive: true })
    await writeFile(join(root, 'a', 'b', name), '')
  }
  await lower('first')
  files.beginLayer()
  await files.file(['a', 'b', 'own'], 0o644, (async function* () {})())
  await files.hideAll(['a', 'b'])
  expect(await readdir(join(root, 'a', 'b'))).toEqual(['own'])
  // What nobody but this test could put there tells whether it is looked at.
  await lower('second')
  await files.hideAll(['a', 'b'])
  await files.hideAll(['a'])
  await files.hide(['a', 'b'])
  expect(await readdir(join(root, 'a', 'b'))).toEqual(['own', 'second'])
  files.beginLayer()
  await files.hideAll(['a'])
  expect(await readdir(join(root, 'a'))).toEqual([])
})
