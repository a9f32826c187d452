import type { BillLine, SimulatedCloud } from '../../contract/sandbox.ts'
import type { Host } from '../host.ts'
import type { BilledResource } from '../inventory/resources.ts'
import { monthOf } from '../inventory/usage.ts'

/** One line of the bill, and whose it is. */
export interface AccountLine extends BillLine {
  engine: string
  cloudAccount: string
  /** `YYYY-MM`, UTC, by the sandbox clock. */
  month: string
}

export interface AccountBill {
  engine: string
  cloudAccount: string
  plan: string
  /** USD. */
  months: { month: string; total: number }[]
  total: number
}

export interface Bill {
  at: string
  currency: 'USD'
  total: number
  accounts: AccountBill[]
  lines: AccountLine[]
}

export interface BilledCloud {
  cloud: SimulatedCloud
  /** The account that the sandbox was opened with: billed even when it holds nothing. */
  cloudAccount: { id: string; plan: string }
}

/**
 * The witness: what each simulated cloud would bill, month by month since its first resource, from this inventory,
 * this clock and this traffic, by the cloud's own price list. It knows neither catalogue nor ledger.
 */
export async function bill(
  host: Host,
  clouds: BilledCloud[],
  only: { engine?: string | undefined; cloudAccount?: string | undefined } = {},
): Promise<Bill> {
  await host.usage.flush()
  const now = host.clock.now()
  const accounts: AccountBill[] = []
  const lines: AccountLine[] = []
  for (const billed of clouds.filter(({ cloud }) => only.engine === undefined || only.engine === cloud.engine)) {
    const { engine } = billed.cloud
    const known = await host.resources.accounts(engine)
    const first = new Map([[billed.cloudAccount.id, now], ...known])
    const ids = [...first.keys()].filter((one) => only.cloudAccount === undefined || one === only.cloudAccount)
    for (const id of ids.sort()) {
      const owner = { engine, cloudAccount: id }
      const months: AccountBill['months'] = []
      for (const at of monthsOf(Math.min(now, first.get(id) ?? now), now)) {
        const month = monthOf(at)
        const resources = await host.resources.billed(owner, Date.parse(`${month}-01`), at)
        const charged = billOne(billed, id, resources, at)
        lines.push(...charged.map((line) => ({ engine, cloudAccount: id, month, ...line })))
        months.push({ month, total: sum(charged) })
      }
      accounts.push(accountOf(billed, id, months))
    }
  }
  return { at: new Date(now).toISOString(), currency: 'USD', total: sumOf(accounts), accounts, lines }
}

/** What one account is billed in the month of `at`, up to `at`. */
export function billOne(
  { cloud, cloudAccount }: BilledCloud,
  id: string,
  resources: BilledResource[],
  at: number,
): BillLine[] {
  return cloud.bill({ id, plan: cloudAccount.plan, resources, now: at })
}

export function accountOf(
  { cloud, cloudAccount }: BilledCloud,
  id: string,
  months: AccountBill['months'],
): AccountBill {
  const total = sum(months.map((one) => ({ amount: one.total })))
  return { engine: cloud.engine, cloudAccount: id, plan: cloudAccount.plan, months, total }
}

/** The last millisecond of each month from `first` on, and now. */
export function monthsOf(first: number, now: number): number[] {
  const ends: number[] = []
  const date = new Date(first)
  for (let index = 1; ; index += 1) {
    const end = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + index, 1) - 1
    if (end >= now) return [...ends, now]
    ends.push(end)
  }
}

/** Money to a ten-thousandth of a cent, so that sums of binary fractions read well. */
export function sum(lines: { amount: number }[]): number {
  return Math.round(lines.reduce((total, line) => total + line.amount, 0) * 1e6) / 1e6
}

export function sumOf(accounts: AccountBill[]): number {
  return sum(accounts.map((one) => ({ amount: one.total })))
}
