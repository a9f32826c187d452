import type { Database } from '../store/open.ts'
import { listClones } from '../store/stock.ts'

/** A clone silent for longer gets nothing more, milliseconds: three missed heartbeats. */
const SILENT_MS = 7_000

/** What each engine's living clones could begin now, and what each account has under way. */
export async function capacities(db: Database): Promise<{ free: Map<string, number>; running: Map<string, number> }> {
  const [clones, open] = await Promise.all([
    listClones(db),
    db.query<{ engine: string; account: string; n: number }>(
      `select engine, account, count(*)::int as n from pipi.deployments
       where finished_at is null and status not in ('accepted', 'awaiting-approval') group by engine, account`,
    ),
  ])
  const free = new Map<string, number>()
  const running = new Map<string, number>()
  for (const clone of clones) {
    if (clone.silentMs > SILENT_MS || clone.drain || (clone.state !== 'idle' && clone.state !== 'busy')) continue
    free.set(clone.engine, (free.get(clone.engine) ?? 0) + clone.capacity)
  }
  for (const { engine, account, n } of open) {
    if (free.has(engine)) free.set(engine, (free.get(engine) ?? 0) - n)
    running.set(account, (running.get(account) ?? 0) + n)
  }
  return { free, running }
}
