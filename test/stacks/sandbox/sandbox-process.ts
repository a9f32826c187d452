import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Ready, SandboxSettingsInput } from '../../../stacks/sandbox/settings.ts'

export interface SandboxProcess {
  ready: Ready
  child: ChildProcess
  /** Calls the admin API and gives its JSON. */
  admin<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<T>
  /** By SIGTERM; gives the exit code. */
  stop(): Promise<number | null>
}

const TOKEN = 'token-of-the-sandbox-tests'
const MAIN = join(import.meta.dirname, '../../../stacks/sandbox/main.ts')

/** The sandbox as the platform starts it: a process of its own, settings on standard input. */
export async function sandboxProcess(
  given: Pick<SandboxSettingsInput, 'databaseUrl' | 'dataFolder'> & Partial<SandboxSettingsInput>,
): Promise<SandboxProcess> {
  const settings: SandboxSettingsInput = {
    adminToken: TOKEN,
    seed: 'a seed',
    clouds: [
      {
        engine: 'cld',
        module: new URL('./cloudy.ts', import.meta.url).href,
        cloudAccount: { id: 'acct-1', plan: 'free' },
      },
    ],
    ...given,
  }
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin?.write(`${JSON.stringify(settings)}\n`)
  const exited = once(child, 'exit')
  const line = await Promise.race([
    new Promise<string>((resolve) => {
      if (child.stdout !== null) createInterface({ input: child.stdout }).once('line', resolve)
    }),
    exited.then(([code]) => Promise.reject(new Error(`the sandbox ended with code ${code} before it was ready`))),
  ])
  const ready = JSON.parse(line) as Ready
  return {
    ready,
    child,
    async admin<T>(method: string, path: string, body?: unknown) {
      const response = await fetch(`${ready.admin}${path}`, {
        method,
        headers: { authorization: `Bearer ${settings.adminToken}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const answer = (await response.json()) as T
      if (!response.ok) throw new Error(JSON.stringify(answer))
      return answer
    },
    async stop() {
      child.kill('SIGTERM')
      await exited
      return child.exitCode
    },
  }
}
