import type { BillLine, SimulatedCloud } from '../../contract/sandbox.ts'
import type { Host } from '../host.ts'
import type { KeptResource } from '../inventory/resources.ts'
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
  for (const { cloud, cloudAccount: opened } of clouds) {
    const { engine } = cloud
    if (only.engine !== undefined && only.engine !== engine) continue
    const resources = await host.resources.all({ engine, deleted: true })
    const ids = new Set([opened.id, ...resources.map((resource) => resource.cloudAccount)])
    for (const id of [...ids].filter((one) => only.cloudAccount === undefined || one === only.cloudAccount).sort()) {
      const own = resources.filter((resource) => resource.cloudAccount === id)
      const months: AccountBill['months'] = []
      for (const at of monthsOf(own, now)) {
        const month = monthOf(at)
        const existed = own.filter((resource) => resource.createdAt <= at)
        const billed = cloud.bill({ id, plan: opened.plan, resources: existed, now: at })
        lines.push(...billed.map((line) => ({ engine, cloudAccount: id, month, ...line })))
        months.push({ month, total: sum(billed) })
      }
      const total = sum(months.map((one) => ({ amount: one.total })))
      accounts.push({ engine, cloudAccount: id, plan: opened.plan, months, total })
    }
  }
  const total = sum(accounts.map((one) => ({ amount: one.total })))
  return { at: new Date(now).toISOString(), currency: 'USD', total, accounts, lines }
}

/** The last millisecond of each month from the first resource on, and now. */
function monthsOf(resources: KeptResource[], now: number): number[] {
  const first = Math.min(now, ...resources.map((resource) => resource.createdAt))
  const ends: number[] = []
  const date = new Date(first)
  for (let index = 1; ; index += 1) {
    const end = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + index, 1) - 1
    if (end >= now) return [...ends, now]
    ends.push(end)
  }
}

/** Money to a ten-thousandth of a cent, so that sums of binary fractions read well. */
function sum(lines: { amount: number }[]): number {
  return Math.round(lines.reduce((total, line) => total + line.amount, 0) * 1e6) / 1e6
}
