import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { chooseSource } from '../../../../platform/cli/source/choose-source.ts'
import { tempFolder } from '../../../helpers/temp.ts'

const manifest = (text: string, folder = '/tmp') => ({ text, file: 'workspace.yaml', folder })

describe('where the source comes from', () => {
  it('is the folder of the manifest when nothing else is said', async () => {
    const folder = await tempFolder()
    expect(await chooseSource(manifest('name: x', folder), {})).toEqual({ kind: 'folder', folder })
  })

  it('is the folder that the manifest names, from where it stands', async () => {
    const folder = await tempFolder()
    await mkdir(join(folder, 'code'))
    expect(await chooseSource(manifest('source:\n  folder: code', folder), {})).toEqual({
      kind: 'folder',
      folder: join(folder, 'code'),
    })
  })

  it('names line and column of a folder that is not there', async () => {
    await expect(chooseSource(manifest('name: x\nsource:\n  folder: nowhere'), {})).rejects.toMatchObject({
      code: 'manifest.invalid',
      problems: [{ line: 3, column: 3, path: 'source.folder' }],
    })
  })

  it('is the git repository of the manifest, at the ref of the option', async () => {
    const text = 'source: { git: https://host.example/a, ref: main, path: sub }'
    expect(await chooseSource(manifest(text), { ref: 'v2' })).toEqual({
      kind: 'git',
      url: 'https://host.example/a',
      ref: 'v2',
      path: 'sub',
    })
  })

  it('is left to the manifest when nothing is added to it', async () => {
    expect(await chooseSource(manifest('source: { git: https://host.example/a }'), {})).toEqual({ kind: 'manifest' })
  })

  it('is the repository of the option before all', async () => {
    expect(await chooseSource(manifest('source: { folder: x }'), { git: 'https://host.example/b' })).toEqual({
      kind: 'git',
      url: 'https://host.example/b',
    })
  })

  it('refuses a ref without a repository', async () => {
    await expect(chooseSource(manifest('name: x'), { ref: 'main' })).rejects.toMatchObject({ code: 'input.invalid' })
  })

  it.each(['{', 'source: [1]', 'source: 3', 'a: &a x\nsource: *a', 'source: { git: 1 }', '- x', ''])(
    'leaves %j to the platform to judge',
    async (text) => {
      expect((await chooseSource(manifest(text), {})).kind).toBe('manifest')
    },
  )
})
