import type { Queryable } from './open.ts'

/**
 * What may still be reserved of a meter, in this period and the next, by scope; `*`: in each that nobody has met yet.
 * Nothing where it is over.
 */
export async function roomByScope(on: Queryable, cloudAccount: string, meter: string): Promise<Map<string, number>> {
  const rows = await on.query<{ scope: string; room: number }>(
    `select scope, case when over then 0 else greatest(least(stated_limit - held - case when period_key = pipi.period_key(period) then used + observed else 0 end,
       stated_limit - standing), 0) end as room
     from pipi.meters where cloud_account = $1 and meter = $2`,
    [cloudAccount, meter],
  )
  return new Map(rows.map(({ scope, room }) => [scope, room]))
}
