import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Layout, openLayout } from '../../../../engines/parts/image/layout.ts'
import { openRegistry } from '../../../../engines/parts/registry/client.ts'
import { imageOf, rawTar } from '../../../helpers/images.ts'
import { type RegistryAuth, startRegistry, type TestRegistry } from '../../../helpers/registry.ts'
import { tempFolder } from '../../../helpers/temp.ts'
import { type Played, play } from './played-registry.ts'

const open = await startRegistry()
const why = 'missing' in open ? ` (skipped: ${open.missing})` : ''

/** An image with two layers; `text` makes it another one. */
function image(text: string): Promise<Layout> {
  const layer = (path: string, body: string) => rawTar([{ path, type: 'File', body }])
  return imageOf([layer('shared', 'in all of them'), layer('own', text)], { Cmd: ['/own'] })
}

async function read(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of bytes) chunks.push(chunk)
  return Buffer.concat(chunks)
}

describe.skipIf('missing' in open)(`a real registry${why}`, () => {
  const registry = open as TestRegistry
  afterAll(() => registry.close())

  it('takes an image and gives it back byte for byte', async () => {
    const layout = await image('one')
    const client = openRegistry({ base: registry.base })
    const { digest } = await client.push('team/app', layout)
    expect(await client.has('team/app', digest)).toBe(true)
    const manifest = await client.manifest('team/app', digest)
    expect(manifest).toEqual({ mediaType: layout.manifest.mediaType, digest, bytes: layout.manifest.bytes })
    for (const blob of layout.blobs)
      expect((await read(await client.blob('team/app', blob.digest))).equals(await readFile(blob.path))).toBe(true)
    expect(await client.manifest('team/app', `sha256:${'0'.repeat(64)}`)).toBeUndefined()
  })

  it('is sent nothing that it has: the same image, or a layer of another one', async () => {
    const client = openRegistry({ base: registry.base })
    const log: string[] = []
    await client.push('team/twice', await image('two'))
    const before = (await registry.asked()).length
    await client.push('team/twice', await image('two'), { log: (line) => log.push(line) })
    const second = (await registry.asked()).slice(before)
    expect(second.map((line) => line.split(' ')[0])).toEqual(['HEAD'])
    expect(log).toEqual([expect.stringMatching(/has [0-9a-f]{12} already/)])
    await client.push('team/twice', await image('three'), { log: (line) => log.push(line) })
    // The configuration and a layer are new, the other layer is not.
    expect(
      (await registry.asked()).slice(before + second.length).filter((line) => line.startsWith('POST')),
    ).toHaveLength(2)
    expect(log.filter((line) => /has part 2 of 3/.test(line))).toHaveLength(1)
  })

  it('refuses bytes that do not have their digest, and then there is no image', async () => {
    const layout = await image('wrong')
    const [, layer] = layout.layers
    await rm(layer?.path ?? '')
    await writeFile(layer?.path ?? '', Buffer.alloc(layer?.size ?? 0, 'x'))
    const client = openRegistry({ base: registry.base, pauseMs: 1 })
    const pushed = client.push('team/wrong', await openLayout(layout.path))
    await expect(pushed).rejects.toMatchObject({
      code: 'provider.failed',
      message: expect.stringMatching(/DIGEST_INVALID/),
    })
    expect(await client.has('team/wrong', layout.manifest.digest)).toBe(false)
  })

  it('lets an image go, also twice', async () => {
    const client = openRegistry({ base: registry.base })
    const { digest } = await client.push('team/gone', await image('gone'))
    expect(await client.remove('team/gone', digest)).toBe(true)
    expect(await client.has('team/gone', digest)).toBe(false)
    expect(await client.remove('team/gone', digest)).toBe(true)
  })
})

describe.skipIf('missing' in open)(`a real registry that wants to know who comes${why}`, () => {
  const [realm, service, issuer] = ['test', 'the registry', 'the token server']
  let basic: TestRegistry
  let bearer: TestRegistry
  let tokens: Played
  const LOGIN = { username: 'me', password: 'open sesame' }

  async function started(auth: RegistryAuth): Promise<TestRegistry> {
    const one = await startRegistry({ auth, deletes: false })
    if ('missing' in one) throw new Error(one.missing)
    return one
  }

  beforeAll(async () => {
    const folder = await tempFolder('auth')
    // bcrypt of "open sesame".
    const hash = '$2b$05$abcdefghijklmnopqrstuupx2xBUC4954936wVIjyyPHmUBFu0wCW'
    await writeFile(join(folder, 'htpasswd'), `me:${hash}\n`)
    basic = await started({ htpasswd: { realm, path: join(folder, 'htpasswd') } })
    const { certificate, token } = await signer(folder)
    tokens = await play(async ({ url, headers }) => {
      const { searchParams } = new URL(url, 'http://tokens')
      const [, name = '', actions = ''] = /^repository:(.*):(.*)$/.exec(searchParams.get('scope') ?? '') ?? []
      const known = headers.authorization === `Basic ${Buffer.from('me:open sesame').toString('base64')}`
      const access = known ? [{ type: 'repository', name, actions: actions.split(',') }] : []
      return { status: 200, body: JSON.stringify({ token: await token({ access }) }) }
    })
    bearer = await started({ token: { realm: tokens.base, service, issuer, rootcertbundle: certificate } })
  })
  afterAll(() => Promise.all([basic?.close(), bearer?.close(), tokens?.close()]))

  /** A key with a certificate of its own, and tokens that are signed by it. */
  async function signer(folder: string) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
    await writeFile(key, privateKey.export({ type: 'pkcs8', format: 'pem' }))
    const args = ['req', '-x509', '-key', key, '-out', certificate, '-subj', '/CN=tokens', '-days', '2']
    await promisify(execFile)('openssl', args)
    const now = Math.floor(Date.now() / 1000)
    const x5c = [(await readFile(certificate, 'utf8')).replace(/-----[A-Z ]+-----|\s/g, '')]
    const token = (claims: Record<string, unknown>) =>
      new SignJWT({ ...claims, jti: '1' })
        .setProtectedHeader({ alg: 'ES256', typ: 'JWT', x5c })
        .setIssuer(issuer)
        .setAudience(service)
        .setSubject('me')
        .setIssuedAt(now - 60)
        .setNotBefore(now - 60)
        .setExpirationTime(now + 300)
        .sign(privateKey)
    return { certificate, token }
  }

  it.each([
    ['by Basic', () => basic],
    ['by a token', () => bearer],
  ])('takes and gives images to who proves it %s, and to nobody else', async (_, which) => {
    const layout = await image('secret')
    const client = openRegistry({ base: which().base, login: LOGIN })
    const { digest } = await client.push('team/app', layout)
    expect((await client.manifest('team/app', digest))?.digest).toBe(digest)
    for (const login of [undefined, { username: 'me', password: 'open barley' }]) {
      const stranger = openRegistry({ base: which().base, login })
      await expect(stranger.manifest('team/app', digest)).rejects.toMatchObject({ data: { status: 401 } })
      await expect(stranger.push('team/other', layout)).rejects.toMatchObject({ code: 'provider.failed' })
    }
  })

  it('says of an image that it does not let go that it stays', async () => {
    const client = openRegistry({ base: bearer.base, login: LOGIN })
    const { digest } = await client.push('team/kept', await image('kept'))
    expect(await client.remove('team/kept', digest)).toBe(false)
    expect(await client.has('team/kept', digest)).toBe(true)
  })
})
