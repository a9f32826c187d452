import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loginFor } from '../../../../engines/parts/registry/docker-config.ts'
import { tempFolder } from '../../../helpers/temp.ts'

async function configOf(content: unknown): Promise<string> {
  const file = join(await tempFolder('docker'), 'config.json')
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

const auth = (text: string) => Buffer.from(text).toString('base64')

describe('logins of a Docker config.json', () => {
  it('are those of the very registry, however it is written', async () => {
    const file = await configOf({
      auths: {
        'https://index.docker.io/v1/': { auth: auth('hub:one') },
        'registry.example': { auth: auth('me:a:b') },
        'https://ghcr.io': { username: 'u', password: 'p' },
        'tokens.example': { auth: auth('<token>:'), identitytoken: 'refresh' },
        'open.example:5000': {},
      },
    })
    const loginOf = async (host: string) => (await loginFor(host, file)).login
    expect(await loginOf('registry-1.docker.io')).toEqual({ username: 'hub', password: 'one' })
    expect(await loginOf('registry.example')).toEqual({ username: 'me', password: 'a:b' })
    expect(await loginOf('ghcr.io')).toEqual({ username: 'u', password: 'p' })
    expect(await loginOf('tokens.example')).toEqual({ username: '<token>', password: '', identityToken: 'refresh' })
    expect(await loginFor('open.example:5000', file)).toEqual({ named: true })
    expect(await loginFor('example', file)).toEqual({ named: false })
    expect(await loginFor('open.example', file)).toEqual({ named: false })
    expect(await loginFor('registry.example', undefined)).toEqual({ named: false })
  })

  it('that only a helper program knows are refused with what to do', async () => {
    const store = await configOf({ auths: { 'registry.example': {} }, credsStore: 'desktop' })
    await expect(loginFor('registry.example', store)).rejects.toMatchObject({
      code: 'build.failed',
      message: expect.stringContaining('docker-credential-desktop'),
      hint: expect.stringContaining('"auths"'),
    })
    expect(await loginFor('other.example', store)).toEqual({ named: false })
    const helpers = await configOf({ credHelpers: { 'registry.example': 'cloud' } })
    await expect(loginFor('registry.example', helpers)).rejects.toThrow(/docker-credential-cloud/)
  })

  it('are never repeated when the file cannot be read', async () => {
    const file = await configOf('{"auths": {"registry.example": {"auth": "c2VjcmV0"')
    const error = await loginFor('registry.example', file).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'build.failed' })
    expect(JSON.stringify(error)).not.toContain('c2VjcmV0')
    await expect(loginFor('registry.example', '/nowhere/config.json')).rejects.toThrow(/ENOENT/)
    const garbled = await configOf({ auths: { 'registry.example': { auth: 'bm8gY29sb24=' } } })
    await expect(loginFor('registry.example', garbled)).rejects.toThrow(/cannot be read/)
  })
})
