import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { identify } from '../../engines/aws/sandbox/identify.ts'
import { type TestDatabase, testDatabase } from '../helpers/postgres.ts'
import { tempFolder } from '../helpers/temp.ts'
import { filesThatHold } from '../helpers/traces.ts'
import { type Ended, startPipi } from './helpers/pipi.ts'
import { startPlatform, type TestPlatform } from './helpers/platform.ts'

const SECRET = 'canary/of/the/secret/key/of/an/account/42'
const KEYS = { first: 'AKIAFIRSTLABORATORY1', second: 'AKIASECONDLABORATORY' } as const

let database: TestDatabase
let platform: TestPlatform
let folder: string
const tokens: Record<string, string> = {}
const seen: Ended[] = []

beforeAll(async () => {
  database = await testDatabase({ migrated: false })
  folder = await tempFolder('brought')
  await writeFile(join(folder, 'package.json'), '{"name":"brought","type":"module","private":true}')
  await writeFile(
    join(folder, 'server.js'),
    `import { createServer } from 'node:http'
createServer((request, response) => response.end(process.env.SIZE)).listen(process.env.PORT)
`,
  )
  await writeFile(
    join(folder, 'workspace.yaml'),
    `apiVersion: pipi/v1
name: brought
components:
  - { name: api, kind: service, env: { SIZE: small } }
`,
  )
  const data = await tempFolder('data', 0o711)
  await mkdir(join(data, 'credentials', 'first'), { recursive: true })
  await writeFile(join(data, 'credentials', 'first', 'aws.env'), linesOf('first'), { mode: 0o600 })
  platform = await startPlatform(data, {
    ...{ PIPI_ENGINES: 'aws', DATABASE_URL: database.url, PIPI_MASTER_KEY: 'cd'.repeat(32) },
  })
  for (const name of ['first', 'second']) {
    const file = join(data, `${name}.token`)
    const opened = await as('owner', ['account', 'open', name, '--token-file', file])
    expect(opened).toMatchObject({ code: 0, stdout: expect.not.stringContaining('pipi_') })
    tokens[name] = (await readFile(file, 'utf8')).trim()
  }
})
afterAll(async () => {
  platform.process.kill('SIGTERM')
  await platform.process.ended
  await database.drop()
})

/** The account that a key is of, as the simulated platform says. */
const accountOf = (who: keyof typeof KEYS) =>
  identify({ accessKey: KEYS[who], secretKey: SECRET, region: 'us-east-1' }).cloudAccount

function linesOf(who: keyof typeof KEYS, account = accountOf(who)): string {
  return `AWS_ACCESS_KEY_ID=${KEYS[who]}
AWS_SECRET_ACCESS_KEY=${SECRET}
PIPI_AWS_ACCOUNT=${account}
PIPI_AWS_PLAN=free-plan
`
}

async function as(who: string, args: string[], input?: string): Promise<Ended> {
  const token = tokens[who]
  const running = startPipi([...args, '--data', platform.data, ...(token === undefined ? [] : ['--token', token])], {
    ...(input === undefined ? {} : { input }),
  })
  const ended = await running.ended
  seen.push(ended)
  return ended
}

interface Shown {
  status: string
  cloudAccount: string
  outputs: { api: { url: string } }
}
const answer = async (url: string) => (await fetch(url)).text()

describe('what a workspace is configured with', () => {
  it('wins over its manifest, is shown with where it is from, and goes back with a rollback', async () => {
    const first = (await as('owner', ['deploy', folder, '--engine', 'aws', '--json'])).json<Shown>()
    expect(first.status).toBe('succeeded')
    const { url } = first.outputs.api
    expect(await answer(url)).toBe('small')
    const set = await as('owner', ['config', 'brought', 'SIZE', 'large', '--deploy', '--json'])
    expect(set.json<Shown>().status).toBe('succeeded')
    expect(await answer(url)).toBe('large')
    expect((await as('owner', ['config', 'brought'])).stdout).toMatch(
      /^api +SIZE +large +set for all components +the same$/m,
    )
    expect((await as('owner', ['rollback', 'brought', '--json'])).json<Shown>().status).toBe('succeeded')
    expect(await answer(url)).toBe('small')
    expect((await as('owner', ['config', 'brought', 'SIZE'])).stdout).toMatch(
      /^api +SIZE +small +the manifest +the same$/m,
    )
    expect((await as('owner', ['config', 'brought', '--unset', 'SIZE'])).code).toBe(4)
  })
})

describe('who else uses a platform', () => {
  it('is an account of its own, which makes tokens that let in until they are revoked', async () => {
    expect((await as('owner', ['account', 'names'])).stdout).toMatch(/^first .*\nowner .*\nsecond /m)
    const made = await as('second', ['account', 'token', 'add', '--role', 'viewer', '--note', 'a board'])
    const [, id = '', secret = ''] = /^The token (\S+), which is shown this once: (\S+)$/m.exec(made.stdout) ?? []
    tokens.board = secret
    expect(await as('board', ['list'])).toMatchObject({ code: 0 })
    const listed = (await as('owner', ['account', 'token', 'ls', '--account', 'second'])).stdout
    expect([listed.includes(id), listed.includes('a board'), listed.includes(secret)]).toEqual([true, true, false])
    expect((await as('second', ['account', 'token', 'rm', id])).code).toBe(0)
    expect((await as('board', ['list'])).code).toBe(6)
    expect((await as('second', ['account', 'open', 'third'])).code).toBe(6)
  })
})

describe('what an account is let in with', () => {
  it('is its own: two of them deploy to two cloud accounts on one platform', async () => {
    const set = await as('second', ['account', 'credentials', 'set', 'aws'], linesOf('second'))
    expect(set).toMatchObject({ code: 0, stdout: expect.stringContaining('AWS_SECRET_ACCESS_KEY') })
    const listed = await as('second', ['account', 'credentials', 'ls', 'aws'])
    expect(listed.stdout).toMatch(/^AWS_SECRET_ACCESS_KEY +20\d\d-/m)
    for (const who of ['first', 'second'] as const) {
      const checked = await as(who, ['account', 'check', 'aws', '--json'])
      expect(checked.json(), who).toMatchObject({
        ...{ armed: true, id: accountOf(who) },
        credentials: { way: 'keys', own: true },
      })
      const deployed = (await as(who, ['deploy', folder, '--engine', 'aws', '--json'])).json<Shown>()
      expect(deployed).toMatchObject({ status: 'succeeded', cloudAccount: accountOf(who) })
      expect(await answer(deployed.outputs.api.url)).toBe('small')
    }
    const { resources } = (await as('owner', ['sandbox', 'inventory', '--json'])).json<{
      resources: { type: string; cloudAccount: string }[]
    }>()
    const functions = resources.filter(({ type }) => type === 'aws:lambda/function:Function')
    expect(functions.map((one) => one.cloudAccount).sort()).toEqual(
      ['412908557311', accountOf('first'), accountOf('second')].sort(),
    )
  })

  it('is of no use where it is of another cloud account than claimed, and harms nobody else', async () => {
    const set = await as('second', ['account', 'credentials', 'set', 'aws'], linesOf('second', accountOf('first')))
    expect(set.code).toBe(0)
    const checked = await as('second', ['account', 'check', 'aws'])
    expect(checked).toMatchObject({ code: 1, stdout: expect.stringContaining('armed: no') })
    expect(checked.stdout).toContain(`the credentials are of account "${accountOf('second')}"`)
    const refused = await as('second', ['deploy', folder, '--engine', 'aws'])
    expect(refused).toMatchObject({ code: 6, stderr: expect.stringContaining(accountOf('second')) })
    expect((await as('first', ['account', 'check', 'aws'])).code).toBe(0)
    const gone = await as('second', ['account', 'credentials', 'rm', 'aws'])
    expect(gone.code).toBe(0)
    expect((await as('second', ['account', 'check', 'aws'])).stdout).toContain('AWS_SECRET_ACCESS_KEY: not set')
  })

  it('is printed by nothing, and lies in clear in no file but the account’s own', async () => {
    expect(seen.map(({ stdout, stderr }) => stdout + stderr).join('')).not.toContain(SECRET)
    expect(platform.process.stderr()).not.toContain(SECRET)
    const holding = await filesThatHold(platform.data, SECRET)
    expect(holding.map((file) => file.split('/').slice(-3).join('/'))).toEqual(['credentials/first/aws.env'])
    const [row] = await database.db.query<{ text: string }>(
      `select (select jsonb_agg(d) from pipi.deployments d)::text || (select jsonb_agg(c) from pipi.credentials c)::text as text`,
    )
    expect(row?.text ?? '').not.toContain(SECRET)
  })
})
