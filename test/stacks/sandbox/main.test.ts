import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { waitFor } from '../../helpers/wait-for.ts'
import { sandboxProcess } from './sandbox-process.ts'
import { ADDRESS, archive, FUNCTION, useSandbox } from './use-sandbox.ts'

const sandbox = useSandbox()

describe('the process of the simulated clouds', () => {
  it('ends with the process that started the sandbox, and so do its handlers', async () => {
    const code = await archive({ 'main.mjs': 'export default async () => String(process.pid)' })
    await sandbox.cloud.create(FUNCTION, 'fn', { name: 'fn', code })
    const { outputs } = await sandbox.cloud.create(ADDRESS, 'url', { functionName: 'fn' })
    const pid = Number(await (await fetch(String(outputs.url))).text())
    sandbox.process.child.stdin?.end()
    await waitFor('the sandbox to end', () => sandbox.process.child.exitCode === 0)
    expect(existsSync(`/proc/${pid}`)).toBe(false)
  })

  it('takes its handlers along when it is killed', async () => {
    const code = await archive({
      'main.mjs': `import { spawn } from 'node:child_process'
        const child = spawn('sleep', ['3600'])
        export default async () => JSON.stringify([process.pid, child.pid])`,
    })
    await sandbox.cloud.create(FUNCTION, 'fn', { name: 'fn', code })
    const { outputs } = await sandbox.cloud.create(ADDRESS, 'url', { functionName: 'fn' })
    const pids = (await (await fetch(String(outputs.url))).json()) as number[]
    sandbox.process.child.kill('SIGKILL')
    await waitFor('all to end', () => pids.every((pid) => !isAlive(pid)))
  })

  it('waits for the sandbox before it, and takes over its addresses', async () => {
    const code = await archive({ 'main.mjs': 'export default async () => "hello"' })
    await sandbox.cloud.create(FUNCTION, 'fn', { name: 'fn', code })
    const { outputs } = await sandbox.cloud.create(ADDRESS, 'url', { functionName: 'fn' })
    const before = sandbox.process
    const next = sandbox.another()
    await waitFor('the next one to wait', async () => (await sandbox.waiting()) === 1)
    before.child.kill('SIGKILL')
    const after = await next
    expect(after.ready).toEqual(before.ready)
    expect(await (await fetch(String(outputs.url))).text()).toBe('hello')
    expect(await after.stop()).toBe(0)
  })

  it('says what is wrong with its settings, and ends', async () => {
    await expect(sandboxProcess({ databaseUrl: '', dataFolder: '/nowhere' })).rejects.toThrow(/code 1/)
  })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
