import { PipiError } from '../../catalog/errors.ts'
import { readSettings } from '../config.ts'
import { serve } from '../main.ts'
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
  if (options.url !== undefined)
    throw new PipiError('input.invalid', 'serve runs a platform here: --url does not go with it')
  const { data, port, host, sandbox } = options
  const stopping = stopSignals(options.untilStdinEnds === true)
  const platform = await serve(readSettings({ data, port, host, sandbox }))
  terminal.document({ url: platform.url, data: platform.data, pid: process.pid }, { line: true })
  terminal.line(`The platform answers at ${platform.url} (data in ${platform.data})`)
  terminal.line('Deploy something: ./pipi deploy examples/research-workspace      Stop with Ctrl-C')
  await stopping.first
  await platform.stop(stopping.second)
  return 0
}

function stopSignals(untilStdinEnds: boolean): { first: Promise<void>; second: AbortSignal } {
  const hasten = new AbortController()
  let asked = 0
  const first = new Promise<void>((resolve) => {
    const ask = () => {
      if (asked++ > 0) hasten.abort()
      resolve()
    }
    process.on('SIGINT', ask)
    process.on('SIGTERM', ask)
    if (untilStdinEnds) process.stdin.once('end', ask).once('error', ask).resume()
  })
  return { first, second: hasten.signal }
}
