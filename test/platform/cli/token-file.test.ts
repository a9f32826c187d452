import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openTokenFile } from '../../../platform/cli/account/token-file.ts'
import { tempFolder } from '../../helpers/temp.ts'

it('a token goes into a new file of its owner alone, and is not made where it cannot', async () => {
  const folder = await tempFolder('token')
  const path = join(folder, 'token')
  let made = 0
  const make = async () => {
    made += 1
    return { secret: 'pipi_x' }
  }
  await openTokenFile(path, make)
  expect(await readFile(path, 'utf8')).toBe('pipi_x\n')
  expect((await stat(path)).mode & 0o777).toBe(0o600)

  await writeFile(path, 'what was there')
  await expect(openTokenFile(path, make)).rejects.toMatchObject({ code: 'input.invalid' })
  expect([await readFile(path, 'utf8'), made]).toEqual(['what was there', 1])

  const refused = () => Promise.reject(new Error('refused'))
  await expect(openTokenFile(join(folder, 'other'), refused)).rejects.toThrow('refused')
  expect(await readdir(folder)).toEqual(['token'])
})
