import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { constants, setPriority } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { PipiError } from '../../../catalog/errors.ts'
import { endProcesses } from '../process/end.ts'
import { eachLine } from '../process/lines.ts'
import type { BuildLimits } from './limits.ts'
import { watchCommand } from './watch-command.ts'

export interface Command {
  /** For people: what is run. */
  title: string
  file: string
  args: string[]
  folder: string
  /** The whole environment; nothing is inherited. */
  environment: Record<string, string>
  /** The folder whose size is watched. */
  workFolder: string
  limits: BuildLimits
  signal: AbortSignal
  log(line: string): void
}

const KEPT_LINES = 40
const TOLD_LINES = 2000
const TAG = 'PIPI_BUILD'

/**
 * Runs one command in a process group of its own, at low priority, and leaves none of its descendants alive.
 * Throws `build.failed` or `build.timeout` with the last lines it wrote (`data.lines`).
 */
export async function runCommand(command: Command): Promise<void> {
  command.signal.throwIfAborted()
  const tag = { name: TAG, value: randomUUID() }
  const child = spawn(command.file, command.args, {
    cwd: command.folder,
    env: { ...command.environment, [TAG]: tag.value },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const keep = keptLines(command.log)
  eachLine(child.stdout, keep.line)
  eachLine(child.stderr, keep.line)
  const closed = once(child, 'close').catch(() => undefined)
  await once(child, 'spawn').catch((error: Error) => {
    throw failure(command, `could not be started: ${error.message}`, keep.lines)
  })
  const quarry = { group: child.pid as number, tag }
  lowerPriority(quarry.group)

  const ended = new AbortController()
  const watched = watchCommand({ ...command, quarry, signal: AbortSignal.any([ended.signal, command.signal]) })
  const exited = (once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>).then(([code, signal]) =>
    signal === null && code === 0 ? undefined : failure(command, ending(code, signal), keep.lines),
  )
  const wrong = await Promise.race([exited, watched])
  ended.abort()
  await endProcesses(quarry, 0)
  // The last words may still be in the pipe.
  await Promise.race([closed, delay(1000)])
  command.signal.throwIfAborted()
  if (wrong !== undefined) throw withLines(wrong, keep.lines)
}

function ending(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `ended with exit code ${code}, expected 0` : `was ended by ${signal}`
}

function failure(command: Command, what: string, lines: string[]): PipiError {
  return new PipiError('build.failed', `"${command.title}" ${what}`, {
    hint: 'The last lines it wrote tell why. A build runs with an empty home folder and only PATH, LANG, CI, HOME and TMPDIR set.',
    data: { lines },
  })
}

function withLines(error: PipiError, lines: string[]): PipiError {
  const { code, message, hint, data } = error
  return new PipiError(code, message, { ...(hint === undefined ? {} : { hint }), data: { ...data, lines: [...lines] } })
}

/** Passes lines on and keeps the last ones; a build that floods is not told line by line. */
function keptLines(log: (line: string) => void): { lines: string[]; line(text: string): void } {
  const lines: string[] = []
  let told = 0
  return {
    lines,
    line(text) {
      lines.push(text)
      if (lines.length > KEPT_LINES) lines.shift()
      told += 1
      if (told <= TOLD_LINES) log(text)
      if (told === TOLD_LINES) log(`(more than ${TOLD_LINES} lines: the rest is not shown)`)
    },
  }
}

function lowerPriority(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL)
  } catch (error) {
    // It may have ended already.
    if ((error as { info?: { code?: string } }).info?.code !== 'ESRCH') throw error
  }
}
