import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findPlatform } from '../../../platform/cli/find-platform.ts'
import { tempFolder } from '../../helpers/temp.ts'

async function dataFolder(): Promise<string> {
  const data = await tempFolder('data')
  await writeFile(join(data, 'platform.json'), JSON.stringify({ url: 'http://127.0.0.1:4711', pid: 1 }))
  await writeFile(join(data, 'owner-token'), 'pipi_owner\n')
  return data
}

describe('finding the platform', () => {
  it('takes the one that serves the data folder, with its owner token', async () => {
    expect(await findPlatform({ data: await dataFolder() })).toMatchObject({
      url: 'http://127.0.0.1:4711',
      token: 'pipi_owner',
    })
  })

  it('takes the address and token that are given before all', async () => {
    const found = await findPlatform({ data: await dataFolder(), url: 'https://pipi.example', token: 'mine' })
    expect(found).toMatchObject({ url: 'https://pipi.example', token: 'mine' })
  })

  it('sends the owner token of this machine to this machine only', async () => {
    const data = await dataFolder()
    expect((await findPlatform({ data, url: 'https://elsewhere.example' })).token).toBeUndefined()
    expect((await findPlatform({ data, url: 'http://localhost:1' })).token).toBe('pipi_owner')
  })

  it('says that none runs, and how to start one on that folder', async () => {
    const data = await tempFolder()
    await expect(findPlatform({ data })).rejects.toMatchObject({
      code: 'platform.unreachable',
      hint: expect.stringContaining(`--data ${data}`),
    })
  })

  it.each(['ftp://x', 'nonsense', 'javascript:alert(1)'])('refuses the address %s', async (url) => {
    await expect(findPlatform({ url })).rejects.toMatchObject({ code: 'input.invalid' })
  })

  it('is not led astray by a broken announcement', async () => {
    const data = await tempFolder()
    await writeFile(join(data, 'platform.json'), '{"url": 3')
    await expect(findPlatform({ data })).rejects.toMatchObject({ code: 'platform.unreachable' })
  })
})
