import { spawn } from 'node:child_process'
import type { PulumiCommand } from '@pulumi/pulumi/automation/index.js'
import { SemVer } from 'semver'
import { redact } from './redact.ts'

export interface CliOptions {
  /** Path of the Pulumi CLI. */
  command: string
  /** The whole environment of the process; nothing is inherited. */
  environment: Readonly<Record<string, string>>
  /** `abort('lost')` kills at once; any other reason interrupts, so that what is in flight ends and is written down. */
  signal: AbortSignal
  /** After an interrupt, how long what is in flight may take, milliseconds. */
  graceMs: number
  /** What of the environment may be in no text that the CLI writes. */
  secrets: readonly string[]
}

/** What the state table's trigger says to a stale token (platform/store/functions/guard_state.sql); the CLI hangs on it. */
const STALE_TOKEN = /is under token \d+, and this write says/

/**
 * The command the Automation API runs. It answers by itself what the driver knows already (`stack select`, `stack
 * output`, `stack history`), so that one `up` is one process instead of four; the rest is a CLI in a process group of
 * its own, out of reach of a terminal's Ctrl-C.
 */
export function cliFor(options: CliOptions, version: string): PulumiCommand & { run: RunCommand } {
  const run: RunCommand = async (args, folder, additional, onOutput, onError) => {
    const [first, second] = args
    if (first === 'stack' && second === 'output') return resultOf('{}', '', 0)
    if (first === 'stack' && second === 'history') return resultOf('[]', '', 0)
    if (first === 'stack' && second === 'select') return resultOf('', '', 0)
    return runProcess(options, args, folder, additional, onOutput, onError)
  }
  return { command: options.command, version: new SemVer(version), run } as unknown as PulumiCommand & {
    run: RunCommand
  }
}

export class CliFailed extends Error {
  readonly result: CommandResult
  constructor(result: CommandResult) {
    super(`the Pulumi CLI ended with ${result.code}: ${lastLines(result.stderr || result.stdout)}`)
    this.name = 'CliFailed'
    this.result = result
  }
}

type RunCommand = (
  args: string[],
  folder: string,
  additional: Record<string, string>,
  onOutput?: (text: string) => void,
  onError?: (text: string) => void,
) => Promise<CommandResult>

/** What the Automation API reads of a command that ended. */
interface CommandResult {
  stdout: string
  stderr: string
  code: number
}

function resultOf(stdout: string, stderr: string, code: number): CommandResult {
  return { stdout, stderr, code }
}

function runProcess(
  options: CliOptions,
  args: string[],
  folder: string,
  additional: Record<string, string>,
  onOutput?: (text: string) => void,
  onError?: (text: string) => void,
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    if (options.signal.aborted) {
      reject(new CliFailed(resultOf('', 'stopped before it began', 130)))
      return
    }
    const child = spawn(options.command, [...args, '--non-interactive'], {
      cwd: folder,
      env: { ...additional, ...options.environment, PULUMI_AUTOMATION_API: 'true' },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const pid = child.pid
    let stdout = ''
    let stderr = ''
    let timer: NodeJS.Timeout | undefined
    const kill = (signal: NodeJS.Signals) => {
      if (pid === undefined) return
      try {
        process.kill(-pid, signal)
      } catch {
        // Already gone: what was wanted.
      }
    }
    const stop = () => {
      if (options.signal.reason === 'lost') return kill('SIGKILL')
      kill('SIGINT')
      timer = setTimeout(() => kill('SIGKILL'), options.graceMs)
    }
    const watch = (text: string) => {
      if (STALE_TOKEN.test(text)) kill('SIGKILL')
    }
    // A CLI without its clone has no guard to pass and nobody to repair after it.
    const onExit = () => kill('SIGKILL')
    process.once('exit', onExit)
    options.signal.addEventListener('abort', stop, { once: true })
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout = keepEnd(stdout + text)
      watch(text)
      onOutput?.(text)
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = keepEnd(stderr + text)
      watch(text)
      onError?.(text)
    })
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      options.signal.removeEventListener('abort', stop)
      process.off('exit', onExit)
      // Providers and helpers of the run share its group; none may outlive it.
      kill('SIGKILL')
      const told = redact(stderr, options.secrets)
      const result = resultOf(stdout, signal === null ? told : `${told}\nkilled by ${signal}`, code ?? 137)
      if (code === 0) resolve(result)
      else reject(new CliFailed(result))
    })
  })
}

/** Output is for people and errors; the changes come by the event stream. 256 KiB is more than anyone reads. */
function keepEnd(text: string): string {
  return text.length > 262_144 ? text.slice(-262_144) : text
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-12).join('\n')
}
