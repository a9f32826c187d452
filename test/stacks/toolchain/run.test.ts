import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { run } from '../../../stacks/toolchain/run.ts'
import { processesOf } from '../../helpers/leaks.ts'
import { currentTag } from '../../helpers/tag.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { waitFor } from '../../helpers/wait-for.ts'

const environment = { PATH: process.env.PATH, PIPI_TEST_RUN: process.env.PIPI_TEST_RUN }
const all = { environment, timeoutMs: 60_000 }

describe('run', () => {
  it('gives what a command wrote, and each line as it comes', async () => {
    const lines: string[] = []
    const said = await run('sh', ['-c', 'echo "$1"; echo two >&2', '-', 'o n e'], {
      ...all,
      onLine: (line) => lines.push(line),
    })
    expect(said).toBe('o n e\n')
    expect(lines.sort()).toEqual(['o n e', 'two'])
  })

  it('fails with the exit code and the last lines', async () => {
    await expect(run('sh', ['-c', 'echo no room; exit 28'], all)).rejects.toThrow(/ended with 28\nno room/)
    await expect(run('/not/there', [], all)).rejects.toThrow('ended with 127')
  })

  it('ends a command that takes too long or is stopped, with all it started', async () => {
    const slow = ['-c', 'sleep 300 & sleep 300']
    await expect(run('sh', slow, { environment, timeoutMs: 100 })).rejects.toThrow('took longer than')
    const stop = new AbortController()
    const running = run('sh', slow, { ...all, signal: stop.signal })
    await waitFor('the command to run', () =>
      processesOf(currentTag()).some((one) => one.command.startsWith('sleep 300')),
    )
    stop.abort()
    await expect(running).rejects.toThrow('was stopped')
    await waitFor('nothing to be left', () => processesOf(currentTag()).length === 0)
  })

  it('leaves nothing behind when the process that runs it is killed', async () => {
    const script = join(await tempFolder(), 'runner.ts')
    const module = join(import.meta.dirname, '../../../stacks/toolchain/run.ts')
    await writeFile(
      script,
      `import { run } from ${JSON.stringify(module)}
       await run('sh', ['-c', 'sleep 300 & sleep 300'], { environment: process.env, timeoutMs: 60_000 })`,
    )
    for (const signal of ['SIGKILL', 'SIGINT'] as const) {
      const runner = spawn(process.execPath, [script], { stdio: 'inherit' })
      await waitFor(
        'both to run',
        () => processesOf(currentTag()).filter((one) => one.command.startsWith('sleep 300')).length === 2,
      )
      runner.kill(signal)
      await waitFor('nothing to be left', () => processesOf(currentTag()).length === 0)
    }
  })
})
