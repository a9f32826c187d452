import type { Queryable } from './open.ts'

/** `stopped`: nothing new is made at the cloud account. `suspended`: and what burns there stands still. */
export type SwitchState = 'open' | 'stopped' | 'suspended'

/**
 * A meter that made the kill switch act; `period` is the day or month it was in, empty for what never resets. `foreseen`:
 * it had not come to that yet, as was known `at` that time (the ledger's clock, milliseconds since 1970).
 */
export interface Tripped {
  meter: string
  scope: string
  period: string
  reading: number
  limit: number
  why: string
  at?: number
  foreseen?: true
}

/**
 * Turns a cloud account's switch, with the journal record of every account that uses it. From the same moment on the
 * database itself refuses what the switch forbids; suspending and bringing back what runs follows (`kill-switch.ts`).
 * @returns whether anything changed. Throws `not-found`, `input.invalid`.
 */
export async function setSwitch(
  db: Queryable,
  cloudAccount: string,
  to: SwitchState,
  why: string,
  actor: string,
  tripped: readonly Tripped[] = [],
): Promise<boolean> {
  const [row] = await db.query<{ changed: boolean }>('select pipi.set_switch($1, $2, $3, $4, $5) as changed', [
    cloudAccount,
    to,
    why,
    actor,
    JSON.stringify(tripped),
  ])
  return row?.changed === true
}
