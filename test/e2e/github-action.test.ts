import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tempFolder } from '../helpers/temp.ts'
import { ROOT } from './helpers/pipi.ts'
import { usePlatform } from './helpers/platform.ts'

const platform = usePlatform({ PIPI_ENGINES: 'dgo,pip' })

interface Step {
  code: number | null
  log: string
  outputs: Record<string, string>
  summary: string
}

/** Runs the action's script as a runner would. */
async function runAction(inputs: Record<string, string>): Promise<Step> {
  const folder = await tempFolder('runner')
  const files = { GITHUB_OUTPUT: join(folder, 'output'), GITHUB_STEP_SUMMARY: join(folder, 'summary') }
  for (const file of Object.values(files)) await writeFile(file, '')
  const token = (await readFile(join(platform.data, 'owner-token'), 'utf8')).trim()
  const given = Object.fromEntries(
    Object.entries({ url: platform.url, token, ...inputs }).map(([name, value]) => [
      `INPUT_${name.toUpperCase()}`,
      value,
    ]),
  )
  const run = {
    GITHUB_WORKSPACE: ROOT,
    GITHUB_REPOSITORY: 'group/site',
    GITHUB_SHA: 'c'.repeat(40),
    GITHUB_RUN_ID: '7',
    GITHUB_JOB: folder,
  }
  const child = spawn(process.execPath, [join(ROOT, '.github/actions/deploy/main.mjs')], {
    env: { ...process.env, ...run, ...files, ...given },
  })
  let log = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text
    })
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  const outputs = Object.fromEntries(
    [...(await readFile(files.GITHUB_OUTPUT, 'utf8')).matchAll(/^(\w+)<<(\S+)\n([\s\S]*?)\n\2$/gm)].map(
      ([, name, , value]) => [name, value],
    ),
  )
  return { code, log, outputs, summary: await readFile(files.GITHUB_STEP_SUMMARY, 'utf8') }
}

describe('the action, against a running platform', () => {
  it('deploys, waits, and says what runs where', async () => {
    const { code, log, outputs, summary } = await runAction({
      target: 'examples/research-site',
      engine: 'pip',
      source: 'folder',
    })
    expect(code, log).toBe(0)
    expect(outputs).toMatchObject({ status: 'succeeded', engine: 'pip' })
    expect((await fetch(outputs.url as string)).status).toBe(200)
    expect(summary).toContain('✅ open-estuary-site: succeeded')
    expect(summary).toContain(outputs.url)
  })

  it('fails with 3 when the lock refuses, and the summary says why', async () => {
    const { code, log, outputs, summary } = await runAction({
      target: 'examples/research-workspace',
      engine: 'dgo',
      source: 'folder',
    })
    expect(code).toBe(3)
    expect(outputs.status).toBe('refused')
    expect(summary).toContain('lock.no-carrier')
    expect(log).toContain('::error title=Deployment::')
  })

  it('fails with 2 on inputs that are none, before anything is sent', async () => {
    const { code, log } = await runAction({ engine: 'aws; id' })
    expect(code).toBe(2)
    expect(log).toContain('engine')
  })

  it('fails with 6 on a wrong token, which the log does not show', async () => {
    const { code, log, summary } = await runAction({
      token: 'pipi_not_the_right_one',
      target: 'examples/research-site',
      source: 'folder',
    })
    expect(code).toBe(6)
    expect(log.replaceAll('::add-mask::pipi_not_the_right_one', '')).not.toContain('pipi_not_the_right_one')
    expect(summary).not.toContain('pipi_not_the_right_one')
  })

  it('fails with 5 when no platform answers', async () => {
    const { code, summary } = await runAction({
      url: 'http://127.0.0.1:9',
      target: 'examples/research-site',
      source: 'folder',
    })
    expect(code).toBe(5)
    expect(summary).toContain('not accepted')
  })
})
