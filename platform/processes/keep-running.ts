import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { z } from 'zod'
import { PipiError } from '../../catalog/errors.ts'
import { jsonOf } from '../json-of.ts'
import type { Log } from '../log.ts'

const FIRST_WAIT_MS = 300
const LONGEST_WAIT_MS = 15_000
/** Lived this long: the next end starts the waits anew. */
const GOOD_LIFE_MS = 30_000
const KEPT_LINES = 20

export interface KeepRunningOptions<S extends z.ZodType> {
  name: string
  /** Program and arguments. */
  command: string[]
  /** The whole environment. */
  environment: Record<string, string>
  cwd: string
  /** First line on its standard input, which then stays open as its lifeline. Secrets go here. */
  input?: string
  /** Shape of the JSON line that it prints when it is ready. */
  ready: S
  readyWithinMs: number
  log: Log
  /** Told each time it is ready, the first time too. */
  onReady?(ready: z.output<S>): void
}

export interface KeptProcess<T> {
  /** What it said when it was last ready. */
  current(): T
  /** Ends it: SIGTERM, and after `graceMs` with force. */
  stop(graceMs: number): Promise<void>
}

/**
 * Starts a process of ours, waits until it says that it is ready, and starts it again, ever more slowly, should it
 * end. Throws `engine.crashed` with its last lines when the first start fails.
 */
export async function keepRunning<S extends z.ZodType>(
  options: KeepRunningOptions<S>,
): Promise<KeptProcess<z.output<S>>> {
  let stopping = false
  let child: ChildProcess | undefined
  let current!: z.output<S>
  let timer: NodeJS.Timeout | undefined
  let wait = FIRST_WAIT_MS
  await start()

  async function start(): Promise<void> {
    const started = await startOnce(options)
    child = started.child
    current = started.ready
    const bornAt = Date.now()
    child.once('exit', (code, signal) => {
      if (stopping) return
      if (Date.now() - bornAt > GOOD_LIFE_MS) wait = FIRST_WAIT_MS
      options.log('warn', `${options.name} ended and is started again`, { code, signal, lastLines: started.lastLines })
      again()
    })
    options.onReady?.(started.ready)
  }

  function again(): void {
    timer = setTimeout(() => {
      if (stopping) return
      start().catch((error: unknown) => {
        options.log('error', PipiError.from(error).message)
        again()
      })
    }, wait)
    wait = Math.min(LONGEST_WAIT_MS, wait * 2)
  }

  return {
    current: () => current,
    async stop(graceMs) {
      stopping = true
      clearTimeout(timer)
      if (child) await end(child, graceMs)
    },
  }
}

async function startOnce<S extends z.ZodType>(
  options: KeepRunningOptions<S>,
): Promise<{ child: ChildProcess; ready: z.output<S>; lastLines: string[] }> {
  const [program, ...args] = options.command
  if (program === undefined) throw new PipiError('engine.crashed', `no command is known to start ${options.name}`)
  const lastLines: string[] = []
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.environment,
    // A group of its own: a terminal's Ctrl-C is ours to hand on, in the right order.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.on('error', () => undefined)
  if (options.input !== undefined) child.stdin.write(`${options.input}\n`)
  const keep = (line: string): void => {
    lastLines.push(line)
    if (lastLines.length > KEPT_LINES) lastLines.shift()
    options.log('debug', `${options.name}: ${line}`)
  }
  createInterface({ input: child.stderr }).on('line', keep)

  const ready = new Promise<z.output<S>>((resolve, reject) => {
    const fail = (why: string, cause?: unknown) => {
      reject(
        new PipiError(
          'engine.crashed',
          `${options.name} ${why}${lastLines.length > 0 ? `: ${lastLines.slice(-3).join(' | ')}` : ''}`,
          { cause, data: { lines: lastLines } },
        ),
      )
    }
    const timer = setTimeout(() => fail(`was not ready within ${options.readyWithinMs} ms`), options.readyWithinMs)
    createInterface({ input: child.stdout }).on('line', (line) => {
      const parsed = options.ready.safeParse(jsonOf(line))
      if (!parsed.success) return keep(line)
      clearTimeout(timer)
      resolve(parsed.data)
    })
    child.once('error', (cause) => fail(`could not be started (${cause.message})`, cause))
    child.once('exit', (code, signal) => {
      clearTimeout(timer)
      fail(`ended before it was ready (${signal ?? code})`)
    })
  })
  try {
    return { child, ready: await ready, lastLines }
  } catch (error) {
    if (child.pid !== undefined) await end(child, 0)
    throw error
  }
}

async function end(child: ChildProcess, graceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const killer = setTimeout(() => child.kill('SIGKILL'), graceMs)
  await gone
  clearTimeout(killer)
}
