import { eachLine } from './each-line.ts'
import { spawnKept } from './spawn-kept.ts'

export interface RunOptions {
  cwd?: string
  environment: Record<string, string | undefined>
  /** After it the command and all it started are ended, milliseconds. */
  timeoutMs: number
  signal?: AbortSignal
  /** Each line as it comes, of stdout and stderr alike. */
  onLine?: (line: string) => void
}

/**
 * Runs a command and gives what it wrote to stdout; it and all it started end when we do. Throws an Error with the last lines
 * when it fails, and one that says so when its time is over.
 */
export function run(command: string, args: readonly string[], options: RunOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const { cwd, environment, timeoutMs, signal, onLine } = options
    if (signal?.aborted) return reject(new Error(`${command} was not started: stopped before`))
    const child = spawnKept(command, args, { environment, ...(cwd === undefined ? {} : { cwd }) })
    let stdout = ''
    let ended: string | undefined
    const last: string[] = []
    const end = (why: string) => {
      ended = why
      child.stdin.end()
    }
    const timer = setTimeout(() => end(`took longer than ${Math.round(timeoutMs / 1000)} s`), timeoutMs)
    const stop = () => end('was stopped')
    signal?.addEventListener('abort', stop)
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk
    })
    for (const stream of [child.stdout, child.stderr]) {
      eachLine(stream, (line) => {
        last.push(line)
        if (last.length > 15) last.shift()
        onLine?.(line)
      })
    }
    const settle = (failure: string | undefined, cause?: unknown) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
      if (failure === undefined) resolve(stdout)
      else reject(new Error([`${command} ${failure}`, ...last].join('\n'), { cause }))
    }
    child.on('error', (error) => settle(`cannot be run: ${error.message}`, error))
    child.on('close', (code, by) => settle(ended ?? (code === 0 ? undefined : `ended with ${code ?? by}`)))
  })
}
