import type { Terminal } from './terminal.ts'
import type { ShownCredentials } from './wire-account.ts'

const ORIGIN: Record<string, string> = {
  environment: 'from the environment',
  file: 'from a file',
  kept: 'set by ./pipi account credentials',
  sandbox: 'from the sandbox',
}

/** What an engine needs to be let in, by which way it is, and what of it is there. */
export function showCredentials(terminal: Terminal, credentials: ShownCredentials): void {
  const { engine, needed, way, own, otherWays, closed, hint } = credentials
  if (way !== undefined)
    terminal.line(`  way  ${way}, with ${own ? "the account's own" : "the platform's"} credentials`)
  for (const { name, from, problem } of needed) {
    const mark = from === undefined ? terminal.style('red', 'no ') : terminal.style('green', 'yes')
    const said = problem ?? (from === undefined ? 'not set' : (ORIGIN[from] ?? `from ${from}`))
    terminal.line(`  ${mark}  ${name}: ${said}`)
  }
  if (way === undefined) {
    for (const { name, needs } of otherWays) terminal.line(`  or   ${name}: ${needs.join(', ')}`)
  }
  if (closed === undefined) return
  terminal.line(`${terminal.style('bold', engine)} is closed: ${closed}`)
  if (hint !== undefined) terminal.line(`  ${terminal.style('cyan', 'hint')}  ${hint}`)
}

/** Those that were set, by name; never a value. */
export function showKept(terminal: Terminal, { engine, kept }: ShownCredentials): void {
  if (kept.length === 0) terminal.line(`No credentials were set for ${engine}.`)
  else
    terminal.table(
      ['NAME', 'SET', 'BY'],
      kept.map((it) => [it.name, it.setAt, it.setBy]),
    )
}
