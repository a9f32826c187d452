import type { Room } from '../commander/choose-engine.ts'
import type { Database } from '../store/open.ts'
import { quota } from '../store/quota.ts'

/** Room in the ledger by engine: the meter of which the greatest share is held tells; one with limit 0 tells nothing. */
export async function roomFrom(db: Database, account: string): Promise<(engine: string) => Room> {
  const rooms = new Map<string, Room>()
  for (const meter of await quota(db, account)) {
    if (meter.limit <= 0) continue
    const share = Math.max(0, meter.left) / meter.limit
    const room = rooms.get(meter.engine) ?? { share: 1 }
    if (share < room.share) room.share = share
    if ((meter.left <= 0 || meter.over) && room.full === undefined) {
      room.full = `${meter.meter} is full (${meter.held + meter.used} of ${meter.limit} ${meter.unit})`
    }
    rooms.set(meter.engine, room)
  }
  return (engine) => rooms.get(engine) ?? { share: 1 }
}
