import { nameOf } from './progress/deployment-view.ts'
import { figure } from './show-quota.ts'
import type { Terminal } from './terminal.ts'
import type { ShownRefusal } from './wire.ts'

/** Which resource, which meter, its limit, who holds it, and what would be free instead. */
export function showRefusal(terminal: Terminal, refusal: ShownRefusal): void {
  const code = terminal.style('dim', `(${refusal.code})`)
  terminal.line(`  ${terminal.style('yellow', 'refused')}  ${refusal.message ?? refusal.code} ${code}`)
  if (refusal.resource !== undefined) terminal.line(`    resource  ${nameOf(refusal.resource)}`)
  if (refusal.meter !== undefined) {
    const bound = refusal.class === undefined ? '' : ` (${refusal.class})`
    terminal.line(`    meter     ${refusal.meter}${bound}: ${figuresOf(refusal)}`)
  }
  for (const holder of refusal.holders ?? []) {
    const amount = holder.amount === undefined ? '' : `  ${figure(holder.amount)}`
    const resource = holder.resource === undefined ? '' : ` (${nameOf(holder.resource)})`
    terminal.line(`    held by   ${holder.workspace}${resource}${amount}`)
  }
  for (const { what } of refusal.alternatives) terminal.line(`    instead   ${what}`)
  if (refusal.hint !== undefined) terminal.line(`  ${terminal.style('cyan', 'hint')}  ${refusal.hint}`)
}

function figuresOf({ limit, held, asked, unit }: ShownRefusal): string {
  const named = { limit, held, asked }
  const given = Object.entries(named).filter((entry): entry is [string, number] => entry[1] !== undefined)
  return `${given.map(([name, value]) => `${name} ${figure(value)}`).join(', ')}${unit === undefined ? '' : ` ${unit}`}`
}
