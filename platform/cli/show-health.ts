import type { Terminal } from './terminal.ts'
import type { ShownWorkspace } from './wire.ts'

/** Whether what is reachable answers, and since when. */
export function showHealth(terminal: Terminal, { health }: ShownWorkspace): void {
  for (const { component, healthy, since, detail } of health) {
    const word =
      healthy === undefined
        ? terminal.style('dim', 'not looked at yet')
        : healthy
          ? terminal.style('green', 'healthy')
          : terminal.style('red', 'unhealthy')
    const when = healthy === undefined ? '' : ` since ${since}`
    const why = healthy === false ? `: ${detail}` : ''
    terminal.line(`  ${component.padEnd(10)} ${word}${when}${why}`)
  }
}
