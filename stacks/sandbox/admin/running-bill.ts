import type { Host } from '../host.ts'
import type { BilledResource } from '../inventory/resources.ts'
import { monthOf } from '../inventory/usage.ts'
import { type AccountBill, accountOf, type Bill, type BilledCloud, billOne, monthsOf, sum, sumOf } from './bill.ts'

/**
 * The witness' book of the running month, for who asks every simulated hour: what is gone stays written in it, so that
 * only what lives is looked at again. The answer has the running month, and each month that has ended since the last
 * time it was asked.
 */
export class RunningBill {
  readonly #host: Host
  readonly #clouds: BilledCloud[]
  /** By engine and account: what was there this month and is gone. */
  #gone = new Map<string, Map<string, BilledResource>>()
  #lookedAt: number | undefined
  #asking: Promise<unknown> = Promise.resolve()

  constructor(host: Host, clouds: BilledCloud[]) {
    this.#host = host
    this.#clouds = clouds
  }

  /** One after the other: each begins where the one before ended. */
  ask(): Promise<Bill> {
    const asked = this.#asking.then(() => this.#ask())
    this.#asking = asked.catch(() => undefined)
    return asked
  }

  async #ask(): Promise<Bill> {
    await this.#host.usage.flush()
    const now = this.#host.clock.now()
    const before = this.#lookedAt !== undefined && this.#lookedAt <= now ? this.#lookedAt : undefined
    if (before === undefined) this.#gone = new Map()
    const months = before === undefined ? [now] : monthsOf(before, now)
    const from = before ?? Date.parse(`${monthOf(now)}-01`)
    const accounts: AccountBill[] = []
    for (const billed of this.#clouds) {
      const { engine } = billed.cloud
      const [living, gone] = await this.#host.resources.since(engine, from)
      // Who went in the very millisecond of the last look is seen twice.
      for (const one of gone) this.#of(engine, one.cloudAccount).set(`${one.type} ${one.id} ${one.createdAt}`, one)
      const alive = byAccount(living)
      const ids = new Set([billed.cloudAccount.id, ...alive.keys(), ...this.#accounts(engine)])
      for (const id of [...ids].sort()) {
        const totals = months.map((at) => {
          const own = [...this.#of(engine, id).values(), ...(alive.get(id) ?? [])].filter((one) => stood(one, at))
          return { month: monthOf(at), total: sum(billOne(billed, id, own, at)) }
        })
        accounts.push(accountOf(billed, id, totals))
      }
    }
    this.#lookedAt = now
    this.#forget(Date.parse(`${monthOf(now)}-01`))
    return { at: new Date(now).toISOString(), currency: 'USD', total: sumOf(accounts), accounts, lines: [] }
  }

  #of(engine: string, cloudAccount: string): Map<string, BilledResource> {
    const key = `${engine} ${cloudAccount}`
    const known = this.#gone.get(key) ?? new Map<string, BilledResource>()
    this.#gone.set(key, known)
    return known
  }

  #accounts(engine: string): string[] {
    return [...this.#gone.keys()].flatMap((key) => (key.startsWith(`${engine} `) ? [key.slice(engine.length + 1)] : []))
  }

  /** What was gone before the running month is on no later bill. */
  #forget(monthBegan: number): void {
    for (const gone of this.#gone.values())
      for (const [key, one] of gone) if ((one.deletedAt ?? 0) < monthBegan) gone.delete(key)
  }
}

/** Whether it was there at some time of the month that `at` is in, by `at`. */
function stood(one: BilledResource, at: number): boolean {
  return one.createdAt <= at && (one.deletedAt ?? at) >= Date.parse(`${monthOf(at)}-01`)
}

function byAccount(resources: BilledResource[]): Map<string, BilledResource[]> {
  const accounts = new Map<string, BilledResource[]>()
  for (const one of resources) {
    const known = accounts.get(one.cloudAccount)
    if (known === undefined) accounts.set(one.cloudAccount, [one])
    else known.push(one)
  }
  return accounts
}
