import type { Engine } from '../../engines/contract/engine.ts'
import type { WatchKind } from '../../factory/contract/truth.ts'
import type { ReaderDelay } from '../commander/kill-switch.ts'
import type { Database } from '../store/open.ts'
import { openWatches } from '../store/watches.ts'
import type { RunnableEngine } from './clones.ts'

/** What each engine can look at is due as often as the settings say; what it has no module for is never due. */
export async function openWatchesOf(
  db: Database,
  engines: ReadonlyMap<string, RunnableEngine>,
  every: Record<WatchKind, number>,
): Promise<void> {
  for (const { engine, account } of engines.values()) {
    if (account !== undefined) await openWatchesAt(db, engine, account.id, every)
  }
}

export async function openWatchesAt(
  db: Database,
  engine: Engine,
  cloudAccount: string,
  every: Record<WatchKind, number>,
): Promise<void> {
  const kinds = (['usage', 'survey', 'check'] as const).filter((kind) => engine.watch[kind] !== undefined)
  await openWatches(db, cloudAccount, Object.fromEntries(kinds.map((kind) => [kind, every[kind]])))
}

const MINUTE_MS = 60_000

/** How far behind each meter's reader is, as the catalogue states it; an hour where it does not say. */
export function readerDelays(engines: ReadonlyMap<string, Engine>): ReaderDelay {
  const delays = new Map<string, number>()
  for (const [code, { facts }] of engines) {
    for (const service of facts.services) {
      for (const { name, reader } of service.meters) {
        const minutes = reader === undefined ? undefined : facts.readers[reader]?.delayMinutes
        if (minutes !== undefined) delays.set(`${code} ${service.id}.${name}`, minutes * MINUTE_MS)
      }
    }
  }
  return (engine, meter) => delays.get(`${engine} ${meter}`) ?? 60 * MINUTE_MS
}
