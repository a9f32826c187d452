import { nameOf } from '../progress/deployment-view.ts'
import { figure } from '../show-quota.ts'
import type { Terminal } from '../terminal.ts'
import { billSchema, callSchema, inventoryItemSchema, listOf } from '../wire.ts'

export function showInventory(terminal: Terminal, answer: unknown): void {
  const items = listOf(answer, 'resources').map((it) => inventoryItemSchema.parse(it))
  if (items.length === 0) terminal.line('The simulated clouds are empty.')
  else {
    terminal.table(
      ['CLOUD ACCOUNT', 'TYPE', 'ID', 'NAME'],
      items.map((it) => [it.cloudAccount ?? it.engine ?? '', it.type, it.id, nameOf(it.urn ?? '')]),
    )
  }
}

export function showCalls(terminal: Terminal, answer: unknown): void {
  const calls = listOf(answer, 'calls').map((it) => callSchema.parse(it))
  if (calls.length === 0) terminal.line('Nobody has asked the simulated clouds for anything.')
  else {
    terminal.table(
      ['CALL', 'OPERATION', 'TYPE', 'NAME', 'TOKEN', 'OUTCOME'],
      calls.map((it) => [
        String(it.seq),
        it.operation,
        it.type,
        nameOf(it.urn ?? ''),
        it.token ?? '',
        it.outcome ?? 'under way',
      ]),
    )
  }
}

export function showBill(terminal: Terminal, answer: unknown): void {
  const bill = billSchema.parse(answer)
  const charged = bill.lines.filter((line) => line.amount > 0)
  if (charged.length > 0) {
    terminal.table(
      ['CLOUD ACCOUNT', 'RESOURCE', 'ITEM', 'QUANTITY', 'USD'],
      charged.map((it) => [
        it.cloudAccount ?? '',
        it.resource,
        it.item,
        `${figure(it.quantity)} ${it.unit ?? ''}`,
        usd(it.amount),
      ]),
    )
  }
  for (const it of bill.accounts) {
    terminal.line(
      `  ${it.engine}  ${usd(it.total)} USD  ${terminal.style('dim', `${it.cloudAccount}, ${it.plan ?? ''}`)}`,
    )
  }
  terminal.line(
    `The witness' bill: ${usd(bill.total)} USD${bill.lines.length > 0 ? ` (${bill.lines.length} items looked at)` : ''}`,
  )
}

/** Never rounded to nothing: a tenth of a cent is still too much. */
function usd(amount: number): string {
  return amount === 0 || Math.abs(amount) >= 0.01 ? amount.toFixed(2) : amount.toPrecision(2)
}
