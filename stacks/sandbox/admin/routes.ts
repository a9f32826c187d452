import { z } from 'zod'
import { PipiError } from '../../../catalog/errors.ts'
import { durationMs } from '../clock.ts'
import { faultSchema } from '../faults.ts'
import type { Host } from '../host.ts'
import type { Schedules } from '../schedules.ts'
import { type BilledCloud, bill } from './bill.ts'
import { drift, driftSchema } from './drift.ts'
import { RunningBill } from './running-bill.ts'
import { shown } from './show.ts'
import { stray, straySchema } from './stray.ts'
import { visit, visitorsSchema } from './visitors.ts'

export type Routes = Record<string, (asked: { query: Record<string, string>; body: unknown }) => Promise<unknown>>

const scope = { cloud: z.string().optional(), account: z.string().optional() }
const inventoryQuery = z.strictObject({ ...scope, deleted: z.stringbool().default(false) })
/** `running`: the running month, and what has ended since it was last asked; of all accounts. */
const billQuery = z.strictObject({ ...scope, running: z.stringbool().default(false) })
const callsQuery = z.strictObject({
  after: z.coerce.number().int().min(0).default(0),
  operation: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(10_000).default(1_000),
})
const staleBody = z.strictObject({ cloud: z.string(), by: z.string().max(20) })
const clockBody = z.strictObject({ forward: z.string().max(20).optional() })

/**
 * The admin API, by method and path: for people, drills and the auditor. Bodies and answers are JSON. `cloud` is
 * an engine's code, `account` a cloud account.
 */
export function routesOf(host: Host, clouds: BilledCloud[], schedules: Schedules): Routes {
  const runningBill = new RunningBill(host, clouds)
  const clock = () => ({ now: new Date(host.clock.now()).toISOString(), offsetMs: host.clock.offsetMs })
  return {
    'GET /inventory': async ({ query }) => {
      const { cloud, account, deleted } = inventoryQuery.parse(query)
      await host.usage.flush()
      const resources = await host.resources.all({ engine: cloud, cloudAccount: account, deleted })
      return { resources: resources.map(shown) }
    },
    'GET /bill': async ({ query }) => {
      const { cloud, account, running } = billQuery.parse(query)
      if (running) return runningBill.ask()
      return bill(host, clouds, { engine: cloud, cloudAccount: account })
    },
    'GET /calls': async ({ query }) => {
      const { after, operation, limit } = callsQuery.parse(query)
      return { calls: await host.calls.list({ after, operation, limit }) }
    },
    'GET /clock': async () => clock(),
    'POST /clock': async ({ body }) => {
      const { forward } = clockBody.parse(body)
      if (forward === undefined) return clock()
      // What is due before the jump runs by the time before it.
      await schedules.look()
      await host.clock.advance(forward)
      await schedules.look()
      return clock()
    },
    'GET /fault': async () => ({ faults: await host.faults.list() }),
    'POST /fault': async ({ body }) => ({ id: await host.faults.plant(faultSchema.parse(body)) }),
    'DELETE /fault': async () => {
      await host.faults.clear()
      return { faults: [] }
    },
    'POST /stale': async ({ body }) => {
      const { cloud, by } = staleBody.parse(body)
      if (!clouds.some((one) => one.cloud.engine === cloud)) {
        const there = clouds.map((one) => one.cloud.engine).join(', ')
        throw new PipiError('not-found', `there is no simulated cloud "${cloud}"`, { hint: `there are ${there}` })
      }
      const ms = durationMs(by)
      if (ms < 0) throw new PipiError('input.invalid', `expected figures to lag behind, got "${by}"`)
      await host.staleness.set(cloud, ms)
      return { cloud, staleMs: ms }
    },
    'POST /stray': async ({ body }) => stray(host, clouds, straySchema.parse(body)),
    'POST /drift': async ({ body }) => drift(host, driftSchema.parse(body)),
    'POST /visitors': async ({ body }) => visit(host, visitorsSchema.parse(body)),
  }
}
