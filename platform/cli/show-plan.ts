import { dollarsOf } from '../../factory/stem-cell/plan/worst-spend.ts'
import { nameOf } from './progress/deployment-view.ts'
import { figure } from './show-quota.ts'
import type { Terminal } from './terminal.ts'
import { planSchema } from './wire.ts'

/**
 * What a preview found: which resources would change, what they would take of which meter, how late what is only watched
 * is seen, and whether the lock would refuse it all.
 */
export function showPlan(terminal: Terminal, outputs: Record<string, unknown>): void {
  const { changes, takes, replacements, watched, refusal } = planSchema.parse(outputs)
  const shown = changes.filter((it) => !it.type.startsWith('pulumi:'))
  if (shown.length === 0) terminal.line('  nothing would change')
  for (const it of shown) {
    terminal.line(
      `  ${terminal.style('cyan', it.operation.padEnd(8))} ${nameOf(it.urn)} ${terminal.style('dim', it.type)}`,
    )
  }
  for (const { says } of replacements) terminal.line(`  ${says}`)
  const rows = takes.flatMap((it) =>
    it.amounts.map((amount) => [
      nameOf(it.urn),
      amount.meter,
      figure(amount.amount),
      amount.bound ?? '',
      amount.because ?? '',
    ]),
  )
  if (rows.length > 0) {
    terminal.line()
    terminal.table(['RESOURCE', 'LIMIT', 'TAKES', 'CLASS', 'BECAUSE'], rows)
  }
  if (watched.worst.length > 0) {
    terminal.line()
    for (const { resource, meter, says } of watched.worst)
      terminal.line(`  ${terminal.style('yellow', 'watched')}  ${resource} ${meter}: ${says}`)
    if (watched.usd !== undefined) terminal.line(`  all together at most ${dollarsOf(watched.usd)} before it is seen`)
  }
  if (refusal !== undefined)
    terminal.line(`  ${terminal.style('yellow', 'refused')}  deployed now it would be: ${refusal.message}`)
}
