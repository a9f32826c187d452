import { z } from 'zod'
import { figure } from './show-quota.ts'
import type { Terminal } from './terminal.ts'

const differenceSchema = z.looseObject({
  kind: z.string(),
  type: z.string(),
  id: z.string(),
  workspace: z.string().optional(),
  meter: z.string().optional(),
  scope: z.string().optional(),
  held: z.number().optional(),
  found: z.number().optional(),
  action: z.string(),
})

/** What the CLI reads of a reconciliation in JSON. */
export const reconciledSchema = z.looseObject({
  cloudAccounts: z.array(
    z.looseObject({
      id: z.string(),
      engine: z.string(),
      at: z.string(),
      differences: z.array(differenceSchema),
      beside: z.array(z.looseObject({ kind: z.string(), type: z.string(), id: z.string() })).default([]),
      failed: z.looseObject({ code: z.string(), message: z.string(), hint: z.string().optional() }).optional(),
    }),
  ),
})
type Reconciled = z.infer<typeof reconciledSchema>

/** Each difference between the ledger and what the platforms really hold, with what was done about it. */
export function showReconciled(terminal: Terminal, { cloudAccounts }: Reconciled): void {
  if (cloudAccounts.length === 0) terminal.line('No cloud account is open here.')
  for (const { engine, id, differences, beside, failed } of cloudAccounts) {
    const count = differences.length === 0 ? 'nothing differs' : `${differences.length} differ`
    const more = beside.length === 0 ? '' : `, ${beside.length} of others stand beside ours`
    terminal.line(`${terminal.style('bold', engine)} ${id}: ${count}${more}`)
    if (failed !== undefined) {
      terminal.line(
        `  ${terminal.style('red', 'not asked')}  ${failed.message} ${terminal.style('dim', `(${failed.code})`)}`,
      )
      if (failed.hint !== undefined) terminal.line(`  ${terminal.style('cyan', 'hint')}  ${failed.hint}`)
    }
    if (differences.length > 0) {
      terminal.table(
        ['WHAT', 'TYPE', 'ID', 'WORKSPACE', 'METER', 'HELD', 'FOUND', 'DONE'],
        differences.map((it) => [
          it.kind,
          it.type,
          it.id,
          it.workspace ?? '',
          it.scope ? `${it.meter ?? ''} (${it.scope})` : (it.meter ?? ''),
          it.held === undefined ? '' : figure(it.held),
          it.found === undefined ? '' : figure(it.found),
          it.action,
        ]),
      )
    }
  }
}
