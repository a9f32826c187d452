import type { Terminal } from './terminal.ts'
import type { QuotaLine } from './wire.ts'

const BAR = 16

/** Each meter as a bar: what is used, what is held for what runs, what is left, and who holds it. */
export function showQuota(terminal: Terminal, lines: QuotaLine[]): void {
  terminal.table(
    ['METER', '', 'LIMIT', 'HELD', 'USED', 'LEFT', 'NEXT', 'RESETS', 'CLASS', 'BEYOND', 'HELD BY'],
    lines.map((line) => [
      line.scope ? `${line.meter} (${line.scope})` : line.meter,
      bar(terminal, line),
      `${figure(line.limit)} ${line.unit ?? ''}${line.period === undefined || line.period === 'concurrent' ? '' : ` / ${line.period}`}`,
      figure(line.held),
      figure(line.used + line.gone),
      figure(line.left ?? line.limit - line.held - line.used),
      line.leftNext === undefined ? '' : figure(line.leftNext),
      line.resets === undefined ? '' : line.resets.slice(0, 10),
      line.over ? terminal.style('red', 'over') : line.pays === 'free' ? (line.class ?? '') : 'money',
      beyond(line),
      [...holdersOf(line), ...besides(line)].join('\n'),
    ]),
  )
}

function bar(terminal: Terminal, line: QuotaLine): string {
  const part = (amount: number) =>
    line.limit <= 0 ? (amount > 0 ? BAR : 0) : Math.min(BAR, Math.ceil((amount / line.limit) * BAR))
  // What of the held part has gone by already is as good as used.
  const used = part(line.used + line.gone)
  const beside = Math.min(BAR - used, part(line.observed))
  const held = Math.min(BAR - used - beside, part(Math.max(0, line.held - line.gone)))
  const full = line.over || line.held + line.used + line.observed >= line.limit
  return (
    terminal.style('magenta', '█'.repeat(used)) +
    terminal.style('red', '▒'.repeat(beside)) +
    terminal.style(full ? 'yellow' : 'cyan', '▓'.repeat(held)) +
    terminal.style('dim', '░'.repeat(BAR - used - beside - held))
  )
}

/** What one more unit costs; nothing where nobody knows, so that no money can pay for it. */
function beyond({ price, unit = 'unit' }: QuotaLine): string {
  if (price === undefined) return ''
  if (price === 0) return 'free'
  const [usd, per] = price < 0.001 ? [price * 1e6, `million ${unit}`] : [price, unit]
  return `${Number(usd.toPrecision(4))} USD/${per}`
}

/** What stands beside what we hold: use outside, strays, and what the platform itself says. */
function besides({ observed, reading, unit = '' }: QuotaLine): string[] {
  return [
    ...(observed > 0 ? [`beside ours ${figure(observed)}`] : []),
    ...(reading === undefined ? [] : [`the platform says ${figure(reading)} ${unit}`.trim()]),
  ]
}

/** Figures as people read them: no trailing zeros, thousands apart. */
export function figure(value: number): string {
  const rounded = Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3))
  return rounded.toLocaleString('en-US', { maximumFractionDigits: 6 })
}

/** What each workspace holds in all its resources, what of it money pays for, and until when where that is promised. */
function holdersOf(line: QuotaLine): string[] {
  const sums = new Map<string, { amount: number; paid: number; ends: string[] }>()
  for (const { workspace, amount = 0, paid = 0, endsAt } of line.holders) {
    const sum = sums.get(workspace) ?? { amount: 0, paid: 0, ends: [] }
    const ends = endsAt === undefined ? sum.ends : [...sum.ends, endsAt.slice(0, 10)].sort()
    sums.set(workspace, { amount: sum.amount + amount, paid: sum.paid + paid, ends })
  }
  return [...sums].map(([workspace, { amount, paid, ends }]) => {
    const money = paid === 0 ? '' : paid === amount ? ', paid for' : `, ${figure(paid)} of it paid for`
    return `${workspace} ${figure(amount)}${money}${ends.length === 0 ? '' : `, until ${ends.at(-1)}`}`
  })
}
