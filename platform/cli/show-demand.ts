import type { DemandAnswer } from '../../catalog/demand.ts'
import type { DemandRow } from '../../engines/demand/table.ts'
import { figure } from './show-quota.ts'
import type { Terminal } from './terminal.ts'

/** What one resource takes, or why it is refused. */
export function showDemand(
  terminal: Terminal,
  of: { type: string; platform: string; plan: string; region: string; inputs: Record<string, unknown> },
  answer: DemandAnswer,
): void {
  terminal.line(
    `${terminal.style('bold', of.type)} at ${of.platform}, plan ${of.plan}${of.region === '' ? '' : `, ${of.region}`}`,
  )
  terminal.line(`with ${JSON.stringify(of.inputs)}\n`)
  if (!answer.ok) {
    terminal.line(`${terminal.style('red', answer.code)}  ${answer.message}`)
    terminal.line(answer.hint)
    return
  }
  if (answer.demand.amounts.length === 0) terminal.line('Free of charge, without a limit of its own.')
  else {
    terminal.table(
      ['METER', 'TAKES', 'CLASS', 'AT MOST AN HOUR', 'HOW'],
      answer.demand.amounts.map((one) => [
        one.scope === '' ? one.meter : `${one.meter} (${one.scope})`,
        figure(one.amount),
        one.bound,
        hourly(one),
        one.because,
      ]),
    )
  }
  if (answer.stale !== undefined) terminal.line(terminal.style('yellow', `Beware: ${answer.stale}`))
}

/** Every type, each limit with its price and source. */
export function showDemandTable(terminal: Terminal, rows: DemandRow[]): void {
  terminal.table(
    ['TYPE', 'METER', 'TAKES', 'HOW, OR WHY NOT', 'LIMIT', 'USD BEYOND', 'SOURCES'],
    rows.map((row) => [
      row.type,
      row.meter ?? '',
      row.amount === undefined ? row.outcome : `${figure(row.amount)} ${row.unit ?? ''}, ${row.bound}`,
      row.how,
      row.limit === undefined ? '' : `${typeof row.limit === 'number' ? figure(row.limit) : row.limit} / ${row.period}`,
      row.usdPerUnit === undefined ? '' : String(row.usdPerUnit),
      row.sources.map(({ id, date }) => `${id} (${date})`).join(', '),
    ]),
  )
}

function hourly(one: { bound: string; perHour?: number }): string {
  if (one.perHour !== undefined) return figure(one.perHour)
  return one.bound === 'proven' ? '' : 'nothing bounds it'
}
