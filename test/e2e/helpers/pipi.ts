import { spawn } from 'node:child_process'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '../../..')
const PIPI = join(ROOT, 'pipi')

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
  /** stdout read as JSON. */
  json<T = Record<string, unknown>>(): T
}

export interface Running {
  pid: number
  kill(signal: NodeJS.Signals): void
  /** Everything printed so far. */
  stdout(): string
  stderr(): string
  ended: Promise<Ended>
}

/** Starts `./pipi` as a user would, from any folder. */
export function startPipi(
  args: string[],
  options: { cwd?: string; env?: Record<string, string>; input?: string } = {},
): Running {
  const { PIPI_URL: _url, PIPI_TOKEN: _token, PIPI_DATA: _data, FORCE_COLOR: _colour, ...inherited } = process.env
  const child = spawn(PIPI, args, {
    cwd: options.cwd ?? ROOT,
    env: { ...inherited, NO_COLOR: '1', ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  if (options.input !== undefined) child.stdin.end(options.input)
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, stderr, json: <T>() => read<T>(stdout, stderr) }))
  })
  return {
    pid: child.pid as number,
    kill: (signal) => void child.kill(signal),
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
  }
}

export async function pipi(...args: string[]): Promise<Ended> {
  return await startPipi(args).ended
}

function read<T>(stdout: string, stderr: string): T {
  try {
    return JSON.parse(stdout) as T
  } catch (cause) {
    throw new Error(`stdout is no JSON document:\n${stdout}\nstderr:\n${stderr}`, { cause })
  }
}
