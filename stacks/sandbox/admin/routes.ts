import { z } from 'zod'
import { faultSchema } from '../faults.ts'
import type { Host } from '../host.ts'
import { type BilledCloud, bill } from './bill.ts'
import { drift, driftSchema } from './drift.ts'
import { shown } from './show.ts'
import { visit, visitorsSchema } from './visitors.ts'

export type Routes = Record<string, (asked: { query: Record<string, string>; body: unknown }) => Promise<unknown>>

const inventoryQuery = z.strictObject({
  engine: z.string().optional(),
  account: z.string().optional(),
  deleted: z.stringbool().default(false),
})
const billQuery = z.strictObject({ account: z.string().optional() })
const callsQuery = z.strictObject({
  after: z.coerce.number().int().min(0).default(0),
  operation: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(10_000).default(1_000),
})
const clockBody = z.strictObject({ advance: z.string().max(20) })

/** The admin API, by method and path: for people, drills and the auditor. Bodies and answers are JSON. */
export function routesOf(host: Host, clouds: BilledCloud[]): Routes {
  const clock = () => ({ now: new Date(host.clock.now()).toISOString(), offsetMs: host.clock.offsetMs })
  return {
    'GET /inventory': async ({ query }) => {
      const { engine, account, deleted } = inventoryQuery.parse(query)
      await host.usage.flush()
      const resources = await host.resources.all({ engine, cloudAccount: account, deleted })
      return { resources: resources.map(shown) }
    },
    'GET /bill': async ({ query }) => bill(host, clouds, billQuery.parse(query).account),
    'GET /calls': async ({ query }) => {
      const { after, operation, limit } = callsQuery.parse(query)
      return { calls: await host.calls.list({ after, operation, limit }) }
    },
    'GET /clock': async () => clock(),
    'POST /clock': async ({ body }) => {
      await host.clock.advance(clockBody.parse(body).advance)
      return clock()
    },
    'GET /fault': async () => ({ faults: await host.faults.list() }),
    'POST /fault': async ({ body }) => ({ id: await host.faults.plant(faultSchema.parse(body)) }),
    'DELETE /fault': async () => {
      await host.faults.clear()
      return { faults: [] }
    },
    'POST /drift': async ({ body }) => drift(host, driftSchema.parse(body)),
    'POST /visitors': async ({ body }) => visit(host, visitorsSchema.parse(body)),
  }
}
