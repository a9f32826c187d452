import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { STATUSES } from '../../factory/contract/status.ts'
import type { Database } from '../store/open.ts'
import { listClones, stock } from '../store/stock.ts'

/** The platform's metrics: the process itself, and what the truth says when it is asked. */
export function openMetrics(db: Database): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const gauge = (name: string, help: string, labelNames: string[], collect: (it: Gauge) => Promise<void>) => {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        this.reset()
        await collect(this)
      },
    })
  }
  gauge('pipi_deployments', 'Deployments by state.', ['status'], async (it) => {
    const rows = await db.query<{ status: string; n: number }>(
      'select status, count(*)::int as n from pipi.deployments group by status',
    )
    for (const status of STATUSES) it.set({ status }, rows.find((row) => row.status === status)?.n ?? 0)
  })
  gauge('pipi_clones', 'Living clones by engine and state.', ['engine', 'state'], async (it) => {
    for (const clone of await listClones(db)) it.inc({ engine: clone.engine, state: clone.state })
  })
  gauge('pipi_waiting', 'Deployments that wait for an engine.', ['engine'], async (it) => {
    for (const line of await stock(db)) it.set({ engine: line.engine }, line.waiting)
  })
  gauge('pipi_oldest_wait_seconds', 'How long the oldest of them has waited.', ['engine'], async (it) => {
    for (const line of await stock(db)) it.set({ engine: line.engine }, line.oldestWaitMs / 1000)
  })
  return registry
}
