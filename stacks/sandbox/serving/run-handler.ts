import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, extname, join } from 'node:path'
import type { HandlerRequest, HandlerResponse, Json } from '../../contract/sandbox.ts'
import type { FromRunner, ToRunner } from './protocol.ts'

export interface HandlerSettings {
  adapter: string
  /** Where the artifact was unpacked. */
  folder: string
  /** HOME and TMPDIR of the process. */
  home: string
  options: Json
  environment: Record<string, string>
}

export interface RunningHandler {
  answer(request: HandlerRequest): Promise<HandlerResponse>
  /** Ends the process and all it started. */
  stop(): Promise<void>
  /** Resolves when the process has ended, for whatever reason. */
  ended: Promise<void>
}

const KEPT_LINES = 40

/** Starts a handler in a process group of its own and waits until its adapter is ready. */
export async function runHandler(settings: HandlerSettings): Promise<RunningHandler> {
  const runner = join(import.meta.dirname, `runner${extname(import.meta.filename)}`)
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', runner], {
    cwd: settings.home,
    detached: true,
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      ...settings.environment,
      PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
      HOME: settings.home,
      TMPDIR: settings.home,
    },
  })
  const lines = lastLinesOf(child)
  const waiting = new Map<number, { resolve(response: HandlerResponse): void; reject(error: Error): void }>()
  const ended = once(child, 'exit').then(() => {
    const died = new Error(`the handler's process ended${lines.length === 0 ? '' : `:\n${lines.join('\n')}`}`)
    for (const { reject } of waiting.values()) reject(died)
    waiting.clear()
    endGroup(child)
  })
  const ready = new Promise<void>((resolve, reject) => {
    child.on('message', (message: FromRunner) => {
      if (message.kind === 'ready') resolve()
      else if (message.kind === 'broken') reject(new Error(message.message))
      else {
        const caller = waiting.get(message.id)
        waiting.delete(message.id)
        if (message.kind === 'response') caller?.resolve(message.response)
        else caller?.reject(new Error(message.message))
      }
    })
    void ended.then(() => reject(new Error(`the handler's process ended before it was ready:\n${lines.join('\n')}`)))
  })
  const stop = async (): Promise<void> => {
    endGroup(child)
    await ended
  }
  send(child, { kind: 'start', adapter: settings.adapter, folder: settings.folder, options: settings.options })
  try {
    await ready
  } catch (error) {
    await stop()
    throw error
  }
  let next = 0
  return {
    ended,
    stop,
    answer: (request) =>
      new Promise((resolve, reject) => {
        next += 1
        waiting.set(next, { resolve, reject })
        send(child, { kind: 'request', id: next, request })
      }),
  }
}

/** A closed channel is noticed by `exit`, which rejects what waits. */
function send(child: ChildProcess, message: ToRunner): void {
  if (child.connected) child.send(message, () => undefined)
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function lastLinesOf(child: ChildProcess): string[] {
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      lines.push(...text.split('\n').filter((line) => line !== ''))
      lines.splice(0, Math.max(0, lines.length - KEPT_LINES))
    })
  }
  return lines
}
