import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { findTarget } from '../../../../platform/cli/source/find-manifest.ts'
import { tempFolder } from '../../../helpers/temp.ts'

it('takes a folder by its workspace.yaml', async () => {
  const folder = await tempFolder()
  await writeFile(join(folder, 'workspace.yaml'), 'name: x')
  expect(await findTarget(folder)).toEqual({
    kind: 'manifest',
    file: join(folder, 'workspace.yaml'),
    folder,
    text: 'name: x',
  })
})

it('takes a file whatever its name is', async () => {
  const folder = await tempFolder()
  const file = join(folder, 'workspace.lab.yaml')
  await writeFile(file, 'name: lab')
  expect(await findTarget(file)).toMatchObject({ kind: 'manifest', file, folder })
})

it('takes what is no path but a legal name as a workspace', async () => {
  expect(await findTarget('no-such-folder-here')).toEqual({ kind: 'workspace', name: 'no-such-folder-here' })
})

it.each(['../nowhere', '/no/such', '-h', '__proto__', 'UPPER', 'a'.repeat(5000)])(
  'refuses %s as neither',
  async (target) => {
    await expect(findTarget(target)).rejects.toMatchObject({ code: 'input.invalid' })
  },
)

it('says what is missing in a folder without a manifest', async () => {
  await expect(findTarget(await tempFolder())).rejects.toThrow(/no workspace.yaml/)
})

it('does not read on when a manifest is larger than one may be', async () => {
  const folder = await tempFolder()
  await writeFile(join(folder, 'workspace.yaml'), 'x'.repeat(40_000))
  await expect(findTarget(folder)).rejects.toMatchObject({ code: 'manifest.invalid' })
})
