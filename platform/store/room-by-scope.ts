import type { Queryable } from './open.ts'

/**
 * What may still be reserved of a meter, in this period and the next, by scope; `*`: in each that nobody has met yet.
 * Nothing where it is over.
 */
export async function roomByScope(on: Queryable, cloudAccount: string, meter: string): Promise<Map<string, number>> {
  const rows = await on.query<{ scope: string; room: number }>(
    'select m.scope, case when m.over then 0 else least(m.room, m.room_next) end as room from pipi.meters_now($1) m where m.meter = $2',
    [cloudAccount, meter],
  )
  return new Map(rows.map(({ scope, room }) => [scope, room]))
}
