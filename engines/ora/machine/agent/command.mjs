import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { containerCommand } from './container.mjs'

/** The share of its memory that a program's heap may take; the rest is for what lies beside it. */
const HEAP = 0.75

/**
 * What starts a component in its unpacked release (as its `pipi.json` says), and the environment it sees: its own, and
 * nothing of the agent's. `port`: where it has to listen; a job has none.
 */
export function commandOf(spec, release, { port, home }) {
  const { start, main, ...image } = JSON.parse(readFileSync(join(release, 'pipi.json'), 'utf8'))
  if (start === 'container') {
    const own = { ...image.environment, ...spec.environment, PORT: String(port), HOST: '127.0.0.1' }
    return containerCommand(image, release, { home, environment: own })
  }
  const heap = Math.max(32, Math.floor(spec.memoryMb * HEAP))
  const app = join(release, 'app')
  const environment = {
    PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: home,
    TMPDIR: home,
    LANG: 'C.UTF-8',
    ...spec.environment,
    ...(port === undefined ? {} : { PORT: String(port), HOST: '127.0.0.1' }),
  }
  if (start === 'jar') {
    return {
      command: 'java',
      args: [`-Xmx${heap}m`, '-XX:+ExitOnOutOfMemoryError', '-jar', join(app, main)],
      cwd: app,
      // Spring and its like do not look at PORT.
      environment: { ...environment, SERVER_PORT: String(port) },
    }
  }
  const file = start === 'answer' ? join(release, 'serve.mjs') : join(app, main)
  return { command: process.execPath, args: [`--max-old-space-size=${heap}`, file], cwd: app, environment }
}
