import type { Queryable } from './open.ts'

/**
 * Moves the ledger's clock (`pipi.ledger_now()`) as far from the database's as the sandbox's is, milliseconds. Null: it
 * goes with the database's, as it must wherever a platform is real.
 */
export async function moveLedgerClock(on: Queryable, offsetMs: number | null): Promise<void> {
  if (offsetMs === null) await on.query(`delete from pipi.settings where name = 'sandbox.offset'`)
  else {
    await on.query(
      `insert into pipi.settings (name, value) values ('sandbox.offset', $1) on conflict (name) do update set value = excluded.value`,
      [String(Math.round(offsetMs))],
    )
  }
}

/** The ledger's clock. */
export async function ledgerNow(on: Queryable): Promise<Date> {
  const [row] = await on.query<{ now: Date }>('select pipi.ledger_now() as now')
  if (!row) throw new Error('the database gave no time')
  return row.now
}
