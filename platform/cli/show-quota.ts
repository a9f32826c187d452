import type { Terminal } from './terminal.ts'
import type { QuotaLine } from './wire.ts'

const BAR = 16

/** Each meter as a bar: what is used, what is held for what runs, what is left, and who holds it. */
export function showQuota(terminal: Terminal, lines: QuotaLine[]): void {
  terminal.table(
    ['CLOUD', 'METER', '', 'LIMIT', 'HELD', 'USED', 'LEFT', 'CLASS', 'HELD BY'],
    lines.map((line) => [
      line.engine ?? line.cloudAccount ?? '',
      line.scope ? `${line.meter} (${line.scope})` : line.meter,
      bar(terminal, line),
      `${figure(line.limit)} ${line.unit ?? ''}${line.period === undefined ? '' : ` / ${line.period}`}`,
      figure(line.held),
      figure(line.used),
      figure(line.left ?? line.limit - line.held - line.used),
      line.over ? terminal.style('red', 'over') : (line.class ?? ''),
      holdersOf(line)
        .map(([workspace, amount]) => `${workspace} ${figure(amount)}`)
        .join('\n'),
    ]),
  )
}

function bar(terminal: Terminal, line: QuotaLine): string {
  const part = (amount: number) =>
    line.limit <= 0 ? (amount > 0 ? BAR : 0) : Math.min(BAR, Math.ceil((amount / line.limit) * BAR))
  const used = part(line.used)
  const held = Math.min(BAR - used, part(line.held))
  const full = line.held + line.used >= line.limit
  return (
    terminal.style('magenta', '█'.repeat(used)) +
    terminal.style(full ? 'yellow' : 'cyan', '▓'.repeat(held)) +
    terminal.style('dim', '░'.repeat(BAR - used - held))
  )
}

/** Figures as people read them: no trailing zeros, thousands apart. */
export function figure(value: number): string {
  const rounded = Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3))
  return rounded.toLocaleString('en-US', { maximumFractionDigits: 6 })
}

/** What each workspace holds, in all its resources. */
function holdersOf(line: QuotaLine): [string, number][] {
  const sums = new Map<string, number>()
  for (const { workspace, amount } of line.holders) sums.set(workspace, (sums.get(workspace) ?? 0) + (amount ?? 0))
  return [...sums]
}
