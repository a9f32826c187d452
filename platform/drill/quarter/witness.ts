import { z } from 'zod'
import type { LightWorld } from '../light/light-world.ts'

const billSchema = z.object({
  at: z.string(),
  total: z.number(),
  accounts: z.array(z.object({ engine: z.string(), cloudAccount: z.string(), total: z.number() })),
})

export interface Charge {
  at: string
  engine: string
  cloudAccount: string
  usd: number
}

/** Asks the witness for its bill, again and again, and keeps every hour in which it was not 0. */
export class Witness {
  readonly #ask: LightWorld['ask']
  looks = 0
  /** USD, the most it ever showed. */
  most = 0
  readonly charges: Charge[] = []

  constructor({ ask }: Pick<LightWorld, 'ask'>) {
    this.#ask = ask
  }

  /** The running month, and what has ended since the last look. */
  async look(): Promise<void> {
    this.#note(await this.#ask('GET', '/bill?running=true'))
    this.looks += 1
  }

  /** The whole bill once more, month by month from the beginning: what the running ones must have said. */
  async wholeBill(): Promise<number> {
    const { total } = this.#note(await this.#ask('GET', '/bill'))
    return total
  }

  #note(answer: unknown): z.infer<typeof billSchema> {
    const bill = billSchema.parse(answer)
    this.most = Math.max(this.most, bill.total)
    for (const { engine, cloudAccount, total } of bill.accounts) {
      if (total > 0) this.charges.push({ at: bill.at, engine, cloudAccount, usd: total })
    }
    return bill
  }
}
