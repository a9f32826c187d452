import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadEngine } from '../../../engines/scan.ts'
import { openAccountAt } from '../../../platform/start/cloud-accounts.ts'
import { readCredentials } from '../../../platform/start/credentials.ts'
import { tempFolder } from '../../helpers/temp.ts'

const NEEDED = {
  credentials: [
    { config: 'user', env: 'CLOUD_USER', secret: false, sandbox: 'x' },
    { config: 'key', env: 'CLOUD_KEY', secret: true, sandbox: 'x' },
  ],
}
const CANARY = 'canary-of-a-credential'

describe('the credentials of an engine', () => {
  const read = (environment: Record<string, string>) =>
    readCredentials(NEEDED, (names) =>
      Object.fromEntries(Object.entries(environment).filter(([name]) => names.includes(name))),
    )
  async function keyFile(mode: number, text = `${CANARY}\n`): Promise<string> {
    const file = join(await tempFolder('keys'), 'key')
    await writeFile(file, text)
    await chmod(file, mode)
    return file
  }

  it('come from the environment or from a file of one’s own, and their states never hold a value', async () => {
    const { states, values } = await read({ CLOUD_USER: 'me', CLOUD_KEY_FILE: await keyFile(0o600) })
    expect(values).toEqual({ user: 'me', key: CANARY })
    expect(states).toEqual([
      { name: 'CLOUD_USER', secret: false, from: 'environment' },
      { name: 'CLOUD_KEY', secret: true, from: 'file' },
    ])
    expect(JSON.stringify(states)).not.toContain(CANARY)
  })

  it.each([0o644, 0o640, 0o604, 0o666])('are refused from a file that others may read (mode %o)', async (mode) => {
    const { states, values } = await read({ CLOUD_KEY_FILE: await keyFile(mode) })
    expect(values).toEqual({})
    expect(states[1]).toMatchObject({
      problem: expect.stringMatching(/^CLOUD_KEY_FILE: .*others may read it: chmod 600/),
    })
  })

  it('are refused from what is no file, is empty or is not there, and when they are said twice', async () => {
    const folder = await tempFolder('keys')
    await mkdir(join(folder, 'inside'), { mode: 0o700 })
    const problemOf = async (given: Record<string, string>) => (await read(given)).states[1]?.problem
    expect(await problemOf({ CLOUD_KEY_FILE: join(folder, 'inside') })).toContain('is no file')
    expect(await problemOf({ CLOUD_KEY_FILE: join(folder, 'none') })).toContain('ENOENT')
    expect(await problemOf({ CLOUD_KEY_FILE: await keyFile(0o600, ' \n') })).toContain('is empty')
    expect(await problemOf({ CLOUD_KEY: 'x', CLOUD_KEY_FILE: 'y' })).toContain('both CLOUD_KEY and CLOUD_KEY_FILE')
  })

  it.each(['aws', 'ggc', 'azu', 'dgo', 'ibm', 'ora'])(
    'are all that %s asks for, without which it stays closed',
    async (code) => {
      const engine = await loadEngine(code)
      const opened = await openAccountAt(engine, false, async () => ({}))
      expect(opened).toMatchObject({ ok: false })
      const names = engine.dna.credentials.map(({ env }) => env)
      expect(names.length).toBeGreaterThan(0)
      expect(opened.given.states.map(({ name }) => name)).toEqual(names)
      for (const name of names) expect(opened.ok ? '' : opened.reason).toContain(name)
    },
  )

  const WAYS = {
    ...NEEDED,
    ways: [
      {
        name: 'oidc',
        credentials: [
          { config: 'user', env: 'CLOUD_USER', secret: false, fleeting: false },
          { config: 'token', env: 'CLOUD_TOKEN', secret: true, fleeting: true },
        ],
      },
    ],
  }
  const choose = (environment: Record<string, string>) =>
    readCredentials(WAYS, (names) =>
      Object.fromEntries(Object.entries(environment).filter(([name]) => names.includes(name))),
    )

  it('come by exactly one of the ways there are, and what is missing is told of the one that was begun', async () => {
    expect(await choose({ CLOUD_USER: 'me', CLOUD_KEY: 'k' })).toMatchObject({ way: 'keys', values: { key: 'k' } })
    expect(await choose({ CLOUD_USER: 'me', CLOUD_TOKEN: 't' })).toMatchObject({
      ...{ way: 'oidc', values: { user: 'me', token: 't' }, fleeting: ['token'] },
      others: [{ name: 'keys', needs: ['CLOUD_USER', 'CLOUD_KEY'] }],
    })
    const both = await choose({ CLOUD_USER: 'me', CLOUD_KEY: 'k', CLOUD_TOKEN: 't' })
    expect(both).toMatchObject({ values: {}, problem: expect.stringContaining('"keys" (CLOUD_USER, CLOUD_KEY) and') })
    expect(both.way).toBeUndefined()
    const begun = await choose({ CLOUD_TOKEN_FILE: await keyFile(0o600, 't') })
    expect(begun.states).toMatchObject([{ name: 'CLOUD_USER' }, { name: 'CLOUD_TOKEN', from: 'file' }])
    expect(begun.way).toBeUndefined()
  })

  it('may be a short-lived token in a file that others can read, which is read anew each time', async () => {
    const file = await keyFile(0o644, 'first')
    const token = async () => (await choose({ CLOUD_USER: 'me', CLOUD_TOKEN_FILE: file })).values.token
    expect(await token()).toBe('first')
    await writeFile(file, 'second')
    expect(await token()).toBe('second')
  })

  it('are none for hosts of one’s own', async () => {
    expect(await openAccountAt(await loadEngine('pip'), false, async () => ({}))).toMatchObject({
      ok: true,
      given: { states: [], values: {} },
    })
  })
})
