import { PipiError } from '../../catalog/errors.ts'
import { readSettings } from '../config.ts'
import { serve } from '../main.ts'
import { prepareTools } from './prepare-tools.ts'
import type { Terminal } from './terminal.ts'
import type { GlobalOptions } from './verb.ts'

export interface ServeOptions extends GlobalOptions {
  sandbox?: boolean
  port?: number
  host?: string
  untilStdinEnds?: boolean
}

/** Runs the platform until SIGINT, SIGTERM or, for those who started it as a child, the end of its stdin. */
export async function runPlatform(options: ServeOptions, terminal: Terminal): Promise<number> {
  if (options.url !== undefined) {
    throw new PipiError('input.invalid', 'serve runs a platform here: --url does not go with it', {
      hint: 'Say where it listens with --host and --port.',
    })
  }
  const { data, port, host, sandbox } = options
  const stopping = listenForStop(options.untilStdinEnds === true)
  try {
    await prepareTools(terminal, stopping.asked)
    const platform = await serve(readSettings({ data, port, host, sandbox }))
    terminal.document({ url: platform.url, data: platform.data, pid: process.pid }, { line: true })
    terminal.line(`The platform answers at ${platform.url} (data in ${platform.data})`)
    terminal.line('Deploy something: ./pipi deploy examples/research-workspace      Stop with Ctrl-C')
    await stopping.first
    await platform.stop(stopping.second)
    return 0
  } catch (error) {
    // Asked to stop before there was anything to stop.
    if (stopping.asked.aborted && error === stopping.asked.reason) return 0
    throw error
  } finally {
    stopping.close()
  }
}

interface Stopping {
  first: Promise<void>
  asked: AbortSignal
  /** Aborted when somebody asks again: what runs is given no more time. */
  second: AbortSignal
  close(): void
}

function listenForStop(untilStdinEnds: boolean): Stopping {
  const begin = new AbortController()
  const hasten = new AbortController()
  const { promise: first, resolve } = Promise.withResolvers<void>()
  let asked = 0
  const ask = () => {
    if (asked++ > 0) hasten.abort()
    begin.abort()
    resolve()
  }
  process.on('SIGINT', ask)
  process.on('SIGTERM', ask)
  if (untilStdinEnds) process.stdin.once('end', ask).once('error', ask).resume()
  return {
    first,
    asked: begin.signal,
    second: hasten.signal,
    close: () => {
      process.removeListener('SIGINT', ask)
      process.removeListener('SIGTERM', ask)
      // An open pipe would keep this process alive.
      if (untilStdinEnds) process.stdin.destroy()
    },
  }
}
