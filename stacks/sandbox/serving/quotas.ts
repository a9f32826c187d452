import type { Quota, Serving, Shut } from '../../contract/sandbox.ts'
import type { Clock } from '../clock.ts'
import type { Traffic, Usage } from '../inventory/usage.ts'

/** The quotas by which a platform itself stops what is free, counted from what was served. */
export class Quotas {
  readonly #usage: Usage
  readonly #clock: Clock

  constructor(usage: Usage, clock: Clock) {
    this.#usage = usage
    this.#clock = clock
  }

  /** How the platform turns a request away when the quota of the running day or month is used up; undefined: it is not. */
  async spent(seq: number, serving: Serving): Promise<Shut | undefined> {
    const quota = quotaOf(serving)
    return quota !== undefined && (await this.#room(seq, quota)).some(([room]) => room <= 0) ? quota.shut : undefined
  }

  /** The share of some traffic that still passes, 0 to 1. */
  async shareOf(seq: number, serving: Serving, traffic: Traffic): Promise<number> {
    const quota = quotaOf(serving)
    if (quota === undefined) return 1
    const shares = (await this.#room(seq, quota)).map(([room, of]) => (traffic[of] === 0 ? 1 : room / traffic[of]))
    return Math.max(0, Math.min(1, ...shares))
  }

  async #room(seq: number, quota: Quota): Promise<[room: number, of: 'egressBytes' | 'busyMs'][]> {
    const used = await this.#usage.since(seq, beginOf(quota.per, this.#clock.now()))
    return (['egressBytes', 'busyMs'] as const).flatMap((of): [number, 'egressBytes' | 'busyMs'][] => {
      const limit = quota[of]
      return limit === undefined ? [] : [[limit - used[of], of]]
    })
  }
}

function quotaOf(serving: Serving): Quota | undefined {
  return serving.kind === 'alias' ? undefined : serving.quota
}

function beginOf(per: Quota['per'], now: number): number {
  const date = new Date(now)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), per === 'month' ? 1 : date.getUTCDate())
}
