import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { PipiError } from '../../catalog/errors.ts'
import type { CloneEnd, RunningClone, Spawner } from '../contract/spawner.ts'

const KEPT_LINES = 40
const CLOSE_MS = 2_000

export interface ProcessSpawnerOptions {
  /** The program and its arguments for one engine: `[node, main.ts, engine, CODE]`. */
  command(engine: string): string[]
  /** The whole environment of the child: nothing is inherited. */
  environment(engine: string): Record<string, string>
  cwd: string
  /** What the clone is told as one JSON line on standard input. May hold secrets: never in arguments or environment. */
  birth(engine: string, clone: string): Promise<Record<string, unknown>>
  /** One line that the clone wrote on standard output. */
  onLine(clone: string, line: string): void
  /** The clone's process has ended (with everything of its group). */
  onEnd?(clone: string): void
}

/**
 * Clones as child processes. The child's standard input is its lifeline: the first line is its birth message, later
 * ones are orders (`{"order":"drain"}`, `{"order":"stop"}`), and when it closes, because we died, the child stops.
 * Each child leads a process group of its own, so that a terminal's Ctrl-C is ours to hand on, and so that nothing it
 * started outlives it.
 */
export function processSpawner(options: ProcessSpawnerOptions): Spawner {
  return {
    async spawn(engine, clone) {
      const birth = await options.birth(engine, clone)
      const [program, ...args] = options.command(engine)
      if (program === undefined) throw new PipiError('engine.crashed', `no command is known to start engine ${engine}`)
      const child = spawn(program, args, {
        cwd: options.cwd,
        env: options.environment(engine),
        detached: true,
        stdio: ['pipe', 'pipe', 'pipe'],
      })
      await started(child, program)
      return watched(child, engine, clone, birth, options)
    },
  }
}

function watched(
  child: ChildProcess,
  engine: string,
  clone: string,
  birth: Record<string, unknown>,
  options: ProcessSpawnerOptions,
): RunningClone {
  const pid = child.pid as number
  const lastWords: string[] = []
  let expected = false
  // A child that dies while we write to it is reported by its end, not by a broken pipe.
  child.stdin?.on('error', () => undefined)
  const tell = (message: Record<string, unknown>) => {
    if (child.stdin?.writable) child.stdin.write(`${JSON.stringify(message)}\n`)
  }
  tell(birth)
  if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => options.onLine(clone, line))
  if (child.stderr) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      lastWords.push(line)
      if (lastWords.length > KEPT_LINES) lastWords.shift()
    })
  }
  const ended = new Promise<CloneEnd>((resolve) => {
    child.once('exit', (code, signal) => {
      // What it started ends with it: a CLI left alone would go on without guard and lease.
      killGroup(pid, 'SIGKILL')
      // Its last words may still be on their way; something that left the group must not hold us up.
      const closed = setTimeout(done, CLOSE_MS)
      child.once('close', done)
      function done(): void {
        clearTimeout(closed)
        options.onEnd?.(clone)
        resolve({ code, signal, expected, lastWords })
      }
    })
  })

  return {
    clone,
    engine,
    pid,
    ended,
    drain() {
      expected = true
      tell({ order: 'drain' })
    },
    async stop(graceMs) {
      expected = true
      tell({ order: 'stop' })
      const killer = setTimeout(() => killGroup(pid, 'SIGKILL'), graceMs)
      await ended
      clearTimeout(killer)
    },
  }
}

function started(child: ChildProcess, program: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', () => resolve())
    child.once('error', (cause) => {
      reject(new PipiError('engine.crashed', `${program} could not be started: ${cause.message}`, { cause }))
    })
  })
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    // ESRCH: the whole group is gone already, which is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
