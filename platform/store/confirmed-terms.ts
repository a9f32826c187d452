import { present } from './deployment.ts'
import type { Queryable } from './open.ts'

/** What an owner has confirmed of a cloud account and not taken back. */
export interface ConfirmedTerms {
  plan?: string
  /** Whether watched meters are fine; an agreement ends with the plan that it was given for. */
  watched?: boolean
}

/** Empty for a cloud account that is not known yet. */
export async function confirmedTerms(on: Queryable, cloudAccount: string): Promise<ConfirmedTerms> {
  const [row] = await on.query(
    `with said as (select what, value, confirmed_at, id from pipi.proposals where cloud_account = $1 and confirmed_at is not null),
       plan as (select value ->> 'plan' as plan, confirmed_at from said where what = 'plan' order by confirmed_at desc, id desc limit 1)
     select (select plan from plan) as plan,
       (select (s.value ->> 'agreed')::boolean from said s
        where s.what = 'watched' and s.confirmed_at > coalesce((select confirmed_at from plan), '-infinity')
        order by s.confirmed_at desc, s.id desc limit 1) as watched`,
    [cloudAccount],
  )
  return present(row ?? {}) as ConfirmedTerms
}
