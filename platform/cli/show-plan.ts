import { nameOf } from './progress/deployment-view.ts'
import { figure } from './show-quota.ts'
import type { Terminal } from './terminal.ts'
import { planSchema } from './wire.ts'

/** What a preview found: which resources would change, and what they would take of which meter. */
export function showPlan(terminal: Terminal, outputs: Record<string, unknown>): void {
  const { changes, takes } = planSchema.parse(outputs)
  const shown = changes.filter((it) => !it.type.startsWith('pulumi:'))
  if (shown.length === 0) terminal.line('  nothing would change')
  for (const it of shown) {
    terminal.line(
      `  ${terminal.style('cyan', it.operation.padEnd(8))} ${nameOf(it.urn)} ${terminal.style('dim', it.type)}`,
    )
  }
  const rows = takes.flatMap((it) =>
    it.amounts.map((amount) => [
      nameOf(it.urn),
      amount.meter,
      figure(amount.amount),
      amount.bound ?? '',
      amount.because ?? '',
    ]),
  )
  if (rows.length === 0) return
  terminal.line()
  terminal.table(['RESOURCE', 'LIMIT', 'TAKES', 'CLASS', 'BECAUSE'], rows)
}
