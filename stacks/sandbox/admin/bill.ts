import type { BillLine, SimulatedCloud } from '../../contract/sandbox.ts'
import type { Host } from '../host.ts'
import type { KeptResource } from '../inventory/resources.ts'
import { monthOf } from '../inventory/usage.ts'

export interface BillOfMonth {
  /** `YYYY-MM`, UTC, by the sandbox clock. */
  month: string
  lines: BillLine[]
  /** USD. */
  total: number
}

export interface AccountBill {
  engine: string
  cloudAccount: string
  plan: string
  months: BillOfMonth[]
  total: number
}

export interface Bill {
  at: string
  currency: 'USD'
  accounts: AccountBill[]
  total: number
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
export async function bill(host: Host, clouds: BilledCloud[], cloudAccount?: string): Promise<Bill> {
  await host.usage.flush()
  const now = host.clock.now()
  const accounts: AccountBill[] = []
  for (const { cloud, cloudAccount: opened } of clouds) {
    const resources = await host.resources.all({ engine: cloud.engine, deleted: true })
    const ids = new Set([opened.id, ...resources.map((resource) => resource.cloudAccount)])
    for (const id of [...ids].filter((one) => cloudAccount === undefined || one === cloudAccount).sort()) {
      const own = resources.filter((resource) => resource.cloudAccount === id)
      const months = monthsOf(own, now).map((at) => billOfMonth(cloud, id, opened.plan, own, at))
      accounts.push({
        engine: cloud.engine,
        cloudAccount: id,
        plan: opened.plan,
        months,
        total: sum(months.map((one) => one.total)),
      })
    }
  }
  return { at: new Date(now).toISOString(), currency: 'USD', accounts, total: sum(accounts.map((one) => one.total)) }
}

function billOfMonth(cloud: SimulatedCloud, id: string, plan: string, own: KeptResource[], at: number): BillOfMonth {
  const existed = own.filter((resource) => resource.createdAt <= at)
  const lines = cloud.bill({ id, plan, resources: existed, now: at })
  return { month: monthOf(at), lines, total: sum(lines.map((line) => line.amount)) }
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
function sum(amounts: number[]): number {
  return Math.round(amounts.reduce((total, amount) => total + amount, 0) * 1e6) / 1e6
}
