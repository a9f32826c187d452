import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

const exec = promisify(execFile)
const ROOT = join(import.meta.dirname, '../..')
const WORKFLOWS = join(ROOT, '.github/workflows')

describe('the workflows', () => {
  it('pass actionlint, where it can be had', async ({ skip }) => {
    const command = await actionlint()
    if (command === undefined) return skip('neither actionlint nor a Go that can fetch it is on this machine')
    const files = (await readdir(WORKFLOWS)).map((file) => join(WORKFLOWS, file))
    const [program, ...args] = command
    const ended = await exec(program as string, [...args, ...files], { cwd: ROOT }).catch(
      (error: { stdout: string }) => error,
    )
    expect(ended.stdout).toBe('')
  })

  it('run what the README says, and nothing else', async () => {
    const workflow = parse(await readFile(join(WORKFLOWS, 'ci.yml'), 'utf8')) as {
      jobs: { check: { steps: { run?: string }[] } }
    }
    expect(workflow.jobs.check.steps.flatMap((step) => step.run ?? [])).toEqual(['.ci/run'])
  })

  it('never put what an event says into a script', async () => {
    for (const file of await readdir(WORKFLOWS)) {
      const workflow = parse(await readFile(join(WORKFLOWS, file), 'utf8')) as {
        jobs: Record<string, { steps: { run?: string }[] }>
      }
      const scripts = Object.values(workflow.jobs).flatMap((job) => job.steps.flatMap((step) => step.run ?? []))
      for (const script of scripts) expect(script, file).not.toContain('${{')
    }
  })
})

const VERSION = '1.7.12'
async function actionlint(): Promise<string[] | undefined> {
  const tries = [['actionlint'], ['go', 'run', `github.com/rhysd/actionlint/cmd/actionlint@v${VERSION}`]]
  for (const words of tries) {
    const [program, ...args] = words
    const there = await exec(program as string, [...args, '-version'], { timeout: 90_000 }).then(
      () => true,
      () => false,
    )
    if (there) return words
  }
  return undefined
}
