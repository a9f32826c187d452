import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { STATUSES } from '../../factory/contract/status.ts'
import type { Database } from '../store/open.ts'
import { metersOver, newestReadings, switches } from '../store/readings.ts'
import { listClones, stock } from '../store/stock.ts'
import { failingWatches } from '../store/watches.ts'

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
  gauge(
    'pipi_meter_share',
    'What a platform last read of a meter, of what may be used; 1 is all of it.',
    METER_LABELS,
    async (it) => {
      for (const one of await newestReadings(db)) if (one.limit > 0) it.set(labelsOf(one), one.reading / one.limit)
    },
  )
  gauge('pipi_meter_over', 'Meters on which more is held, used or seen than is free.', METER_LABELS, async (it) => {
    for (const one of await metersOver(db)) it.set(labelsOf(one), 1)
  })
  gauge(
    'pipi_switch',
    'The kill switch of a cloud account: 0 open, 1 stopped, 2 suspended.',
    ['engine', 'cloud_account'],
    async (it) => {
      for (const { id, engine, switch: state } of await switches(db))
        it.set({ engine, cloud_account: id }, ['open', 'stopped', 'suspended'].indexOf(state))
    },
  )
  gauge(
    'pipi_watch_failing',
    'Watches of a cloud account that fail, by how often in a row.',
    ['engine', 'cloud_account', 'watch'],
    async (it) => {
      for (const { engine, cloudAccount, kind, failures } of await failingWatches(db))
        it.set({ engine, cloud_account: cloudAccount, watch: kind }, failures)
    },
  )
  return registry
}

const METER_LABELS = ['engine', 'cloud_account', 'meter', 'scope']

function labelsOf(one: { engine: string; cloudAccount: string; meter: string; scope: string }) {
  return { engine: one.engine, cloud_account: one.cloudAccount, meter: one.meter, scope: one.scope }
}
