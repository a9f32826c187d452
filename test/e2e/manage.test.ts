import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { tempFolder } from '../helpers/temp.ts'
import { filesThatHold } from '../helpers/traces.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { type Ended, startPipi } from './helpers/pipi.ts'
import { usePlatform } from './helpers/platform.ts'

const FUNCTION = 'aws:lambda/function:Function'
const CANARIES = ['canary-of-the-first-day', 'canary-of-the-second-day']

interface Shown {
  status: string
  number: number
  goesBackTo?: number
  outputs: { api: { url: string } }
  drift?: { found: { what: string; properties: { path: string; was: string; is: string }[] }[]; repaired: boolean }
  history?: { number: number; kind: string; stands: boolean }[]
}

describe('what runs is kept as its owner wants it', () => {
  const platform = usePlatform({ PIPI_ENGINES: 'aws', PIPI_LOG_LEVEL: 'debug' })
  let folder: string
  const seen: Ended[] = []
  const run = async (...args: string[]): Promise<Ended> => {
    const ended = await platform.pipi(...args)
    seen.push(ended)
    return ended
  }
  const setSecret = async (value: string, ...more: string[]) => {
    const args = ['secret', 'set', 'kept', 'API_KEY', ...more, '--data', platform.data]
    const ended = await startPipi(args, { input: `${value}\n` }).ended
    seen.push(ended)
    return ended
  }
  const answer = async (url: string) => (await fetch(url)).text()
  const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')
  const release = (text: string) =>
    writeFile(
      join(folder, 'server.js'),
      `import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
const key = createHash('sha256').update(process.env.API_KEY ?? '').digest('hex')
createServer((request, response) => response.end(${JSON.stringify(text)} + ' ' + key)).listen(process.env.PORT)
`,
    )
  beforeAll(async () => {
    folder = await tempFolder('kept')
    await writeFile(join(folder, 'package.json'), '{"name":"kept","type":"module","private":true}')
    await writeFile(
      join(folder, 'workspace.yaml'),
      `apiVersion: pipi/v1
name: kept
components:
  - { name: api, kind: service, secrets: [API_KEY] }
upkeep: { refresh: 1d, drift: repair }
`,
    )
    await release('one')
  })
  const memory = async () => {
    const { resources } = (await platform.pipi('sandbox', 'inventory', '--json')).json<{
      resources: { type: string; id: string; inputs: { memorySize: number } }[]
    }>()
    return resources.find(({ type }) => type === FUNCTION)
  }

  it('asks for a secret that is missing before anything starts, and takes it from standard input only', async () => {
    const refused = await run('deploy', folder, '--engine', 'aws')
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('./pipi secret set kept API_KEY')
    expect((await setSecret('')).code).toBe(2)
    expect(await setSecret(CANARIES[0] as string)).toMatchObject({ code: 0 })
    const listed = await run('secret', 'ls', 'kept')
    expect(listed.stdout).toMatch(/API_KEY +20\d\d-/)
  })

  it('gives the secret to what runs, and a new one with the next deployment', async () => {
    const first = (await run('deploy', folder, '--engine', 'auto', '--json')).json<Shown>()
    // And why it was this engine is said, whoever chose.
    const choice = [{ engine: 'aws', could: true, reason: expect.stringContaining('carries all of it') }]
    expect(first).toMatchObject({ status: 'succeeded', number: 1, choice })
    const { url } = first.outputs.api
    expect(await answer(url)).toBe(`one ${hashOf(CANARIES[0] as string)}`)
    const again = await setSecret(CANARIES[1] as string, '--deploy', '--json')
    expect(again.json<Shown>()).toMatchObject({ status: 'succeeded', number: 2 })
    expect(await answer(url)).toBe(`one ${hashOf(CANARIES[1] as string)}`)
  })

  it('goes back to what was, by its number, and shows what there is to go back to', async () => {
    await release('two')
    const second = (await run('deploy', folder, '--json')).json<Shown>()
    const { url } = second.outputs.api
    expect(await answer(url)).toContain('two')
    const back = (await run('rollback', 'kept', '--json')).json<Shown>()
    expect(back).toMatchObject({ status: 'succeeded', kind: 'rollback', goesBackTo: 2 })
    // The data and the secrets are today's; commit, configuration and artifact are those of then.
    expect(await answer(url)).toBe(`one ${hashOf(CANARIES[1] as string)}`)
    const { history } = (await run('status', 'kept', '--json')).json<Shown>()
    expect(history).toMatchObject([
      { number: 4, kind: 'rollback', goesBackTo: 2, stands: true },
      { number: 3, kind: 'deploy', stands: false },
      { number: 2 },
      { number: 1 },
    ])
    expect((await run('status', 'kept')).stdout).toMatch(/^4 .*rollback to 2 .*stands now$/m)
    expect(await run('rollback', 'kept', '--to', '99')).toMatchObject({ code: 4 })
    expect((await run('rollback', 'kept', '--to', '3', '--json')).json<Shown>()).toMatchObject({ status: 'succeeded' })
    expect(await answer(url)).toContain('two')
  })

  it('shows what was changed behind our back, and sets it back', async () => {
    const { id, inputs } = (await memory()) ?? { id: '', inputs: { memorySize: 0 } }
    await run('sandbox', 'drift', id, '--type', FUNCTION, '--set', 'memorySize=4096')
    const mended = (await run('refresh', 'kept', '--json')).json<Shown>()
    expect(mended).toMatchObject({
      status: 'succeeded',
      drift: {
        found: [{ what: 'changed', properties: [{ path: 'memorySize', was: String(inputs.memorySize), is: '4096' }] }],
        repaired: true,
      },
    })
    expect((await memory())?.inputs.memorySize).toBe(inputs.memorySize)
    expect((await run('refresh', 'kept')).stdout).toContain('all stands as it was deployed')
  })

  it('does so by itself, as often as the manifest says', async () => {
    const { id, inputs } = (await memory()) ?? { id: '', inputs: { memorySize: 0 } }
    await run('sandbox', 'drift', id, '--type', FUNCTION, '--set', 'memorySize=2048')
    await run('sandbox', 'clock', '+2d')
    await waitFor(
      'the drift to be set back by itself',
      async () => (await memory())?.inputs.memorySize === inputs.memorySize,
      {
        timeoutMs: 90_000,
      },
    )
    const last = await waitFor('it to be done', async () => {
      const shown = (await run('status', 'kept', '--json')).json<Shown>()
      return shown.status === 'succeeded' ? shown : undefined
    })
    expect(last).toMatchObject({ kind: 'refresh', drift: { repaired: true } })
  })

  it('says what lets its engine in, and what the platform says of it, without a value', async () => {
    const checked = await run('account', 'check', 'aws')
    expect(checked.stdout).toMatch(/yes +AWS_SECRET_ACCESS_KEY: from the sandbox/)
    expect(checked.stdout).toContain('armed: yes')
    expect(checked.stdout + checked.stderr).not.toContain('EXAMPLEKEY')
  })

  it('is destroyed to nothing, and the platform was asked', async () => {
    const ended = await run('destroy', 'kept', '--yes', '--json')
    expect(ended.code).toBe(0)
    const { id } = ended.json<{ id: string }>()
    expect((await run('logs', id)).stdout).toMatch(/the platform knows none of \d+ resources any more/)
    expect((await platform.pipi('sandbox', 'inventory', '--json')).json<{ resources: unknown[] }>().resources).toEqual(
      [],
    )
  })

  it('never shows a secret: not in what was printed, logged, journalled or written', async () => {
    const journal = await platform.pipi('list', '--deployments', '--json')
    const said = [...seen, journal].map(({ stdout, stderr }) => stdout + stderr).join('\n') + platform.process.stderr()
    expect(said).toContain('API_KEY')
    for (const canary of CANARIES) {
      expect(said).not.toContain(canary)
      const files = await filesThatHold(platform.data, canary)
      // The simulated cloud keeps what it was given, as the real one does: in its tables.
      expect(files.filter((file) => !file.includes('/postgres/'))).toEqual([])
    }
  })
})
