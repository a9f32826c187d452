import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { constants, setPriority } from 'node:os'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { PipiError } from '../../../catalog/errors.ts'
import { endProcesses, type Quarry } from '../process/end.ts'
import { eachLine } from '../process/lines.ts'
import type { BuildLimits } from './limits.ts'
import type { Walls } from './walls/walls.ts'
import { watchCommand } from './watch-command.ts'

export interface Command {
  /** For people: what is run. */
  title: string
  file: string
  args: string[]
  folder: string
  /** The whole environment; nothing is inherited. */
  environment: Record<string, string>
  walls: Walls
  /** The folder whose size is watched. */
  workFolder: string
  limits: BuildLimits
  /** When the whole build has to be over, by `performance.now()`. */
  until: number
  signal: AbortSignal
  log(line: string): void
}

const KEPT_LINES = 40
const TOLD_LINES = 2000
const TAG = 'PIPI_BUILD'

/**
 * Runs one command behind its walls, in a process group of its own, at low priority, and leaves none of its descendants
 * alive. Throws `build.failed` or `build.timeout` with the last lines it wrote (`data.lines`).
 */
export async function runCommand(command: Command): Promise<void> {
  command.signal.throwIfAborted()
  const tag = { name: TAG, value: randomUUID() }
  const environment = { ...command.environment, [TAG]: tag.value }
  const { file, args, ...options } = await command.walls.enter({ ...command, environment })
  // Held open by us alone: when we die, who waits at its other end ends the build (walls/enter.sh).
  const lifeline = command.walls.kind === 'namespaces' ? 'pipe' : 'ignore'
  const child = spawn(file, args, { ...options, stdio: [lifeline, 'pipe', 'pipe'], detached: true })
  const keep = keptLines(command.log)
  let written = 0
  for (const stream of [child.stdout, child.stderr] as Readable[]) {
    stream.on('data', (text: string) => {
      written += text.length
    })
    eachLine(stream, keep.line)
  }
  const closed = once(child, 'close').catch(() => undefined)
  await once(child, 'spawn').catch((error: Error) => {
    throw failure(command, `could not be started: ${error.message}`, keep.lines)
  })
  // Behind namespaces nobody can leave the tree of processes; elsewhere the tag finds who did.
  const quarry: Quarry = { group: child.pid as number, ...(command.walls.kind === 'namespaces' ? {} : { tag }) }
  lowerPriority(quarry.group)

  const ended = new AbortController()
  const signal = AbortSignal.any([ended.signal, command.signal])
  const watched = watchCommand({ ...command, quarry, written: () => written, signal })
  const exited = (once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>).then(([code, by]) =>
    by === null && code === 0 ? undefined : failure(command, ending(code, by, command.limits), keep.lines),
  )
  const wrong = await Promise.race([exited, watched])
  ended.abort()
  await endProcesses(quarry, 0)
  child.stdin?.destroy()
  // The last words may still be in the pipe.
  await Promise.race([closed, delay(1000)])
  command.signal.throwIfAborted()
  if (wrong !== undefined) throw withLines(wrong, keep.lines)
}

function ending(code: number | null, signal: NodeJS.Signals | null, limits: BuildLimits): string {
  const how = signal === null ? `ended with exit code ${code}, expected 0` : `was ended by ${signal}`
  // As who runs out of memory ends: by its own hand (134) or another's (137).
  const starved = code === 134 || code === 137 || signal === 'SIGABRT' || signal === 'SIGKILL'
  return starved ? `${how}, perhaps for want of memory (${Math.round(limits.memoryBytes / 1024 ** 2)} MiB)` : how
}

function failure(command: Command, what: string, lines: string[]): PipiError {
  return new PipiError('build.failed', `"${command.title}" ${what}`, {
    hint: 'The last lines it wrote tell why. A build has an empty home folder, no environment but its own, and sees no files of this host but the system’s programs.',
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
