import type { Terminal } from './terminal.ts'
import type { ShownDnsAnswer } from './wire.ts'

/** One line a record: what to set, and what the DNS says now. */
export function showDns(terminal: Terminal, records: ShownDnsAnswer[]): void {
  for (const { type, name, value, answers, found, why } of records) {
    const [colour, word] = WORDS[answers] ?? (['yellow', answers] as const)
    const instead = found.length > 0 ? `, it answers ${found.join(', ')}` : why === undefined ? '' : ` (${why})`
    terminal.line(`  ${terminal.style(colour, word)}  set ${type} ${name} -> ${value}${instead}`)
  }
}

const WORDS: Record<string, readonly ['green' | 'red' | 'yellow', string]> = {
  yes: ['green', 'done   '],
  no: ['red', 'not yet'],
  'not-known': ['yellow', 'unknown'],
}
