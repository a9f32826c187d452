import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { birthMessageSchema } from '../../../platform/engine/birth-message.ts'
import { tempFolder } from '../../helpers/temp.ts'

const CLI = join(import.meta.dirname, '../../../platform/cli/main.ts')

/** Starts `pipi engine CODE` as the factory does, says the lines on its standard input, and closes it. */
async function engine(code: string, lines: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', CLI, 'engine', code], {
    env: { PATH: process.env.PATH, TMPDIR: await tempFolder() },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  child.stdin.end(lines.map((line) => `${line}\n`).join(''))
  const [ended] = await new Promise<[number | null]>((resolve) => child.once('close', (...end) => resolve([end[0]])))
  return { code: ended, stdout, stderr }
}

const birth = {
  clone: 'pip-1',
  engine: 'pip',
  enginesFolder: '/none',
  catalogFolder: '/none',
  host: 'here',
  capacity: 1,
  databaseUrl: 'postgres://role:geheim-47@127.0.0.1:1/none',
  stateTable: 'pip_state',
  key: '0'.repeat(64),
  folder: '/none',
  artifacts: '/none',
  pulumi: { path: '/none', version: '0.0.0' },
  pulumiHome: '/none',
  network: {},
}

describe('a clone', () => {
  it('ends well when nobody tells it who it is', async () => {
    expect(await engine('pip', [])).toMatchObject({ code: 0, stdout: '' })
  })

  it('refuses the birth of another engine', async () => {
    const ended = await engine('ggc', [JSON.stringify(birth)])
    expect(ended.code).not.toBe(0)
    expect(ended.stderr).toContain('the birth message is for pip')
  })

  it('ends, and says why, when it cannot live, without telling what it was told', async () => {
    const ended = await engine('pip', [JSON.stringify(birth)])
    expect(ended.code).not.toBe(0)
    expect(ended.stderr).not.toBe('')
    expect(ended.stdout + ended.stderr).not.toContain('geheim')
  })

  it.each([
    ['no JSON', 'hello geheim-49'],
    ['no birth message', '{"geheim-49":1}'],
  ])('ends, and says so, when it is told %s', async (_, line) => {
    const ended = await engine('pip', [line])
    expect(ended.code).not.toBe(0)
    expect(ended.stderr).not.toBe('')
    expect(ended.stdout).not.toContain('"ready":true')
  })

  it('is told nothing that is not foreseen', () => {
    expect(birthMessageSchema.safeParse({ ...birth, more: 1 }).success).toBe(false)
    expect(birthMessageSchema.safeParse({ ...birth, clone: '../up' }).success).toBe(false)
  })
})
