import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import type { Database } from '../../../../platform/store/open.ts'
import { databaseOfTest } from '../../../helpers/postgres.ts'
import { breaches, clear, drive, moveClock, openModel, operations } from './model.ts'

interface Mutant {
  what: string
  /** What the audit calls it. */
  caught: RegExp
  /** A function's file, a place in it, and what stands there instead. */
  change?: [file: string, place: string, instead: string]
  sql?: string
  /** Only the constraints are left to catch it. */
  blind?: boolean
}

const MUTANTS: Mutant[] = [
  {
    what: 'the constraint of the running period is gone',
    sql: 'alter table pipi.meters drop constraint never_over_the_limit',
    blind: true,
    caught: /more than the limit/,
  },
  {
    what: 'the constraint of the running period forgets what was used',
    sql: 'alter table pipi.meters drop constraint never_over_the_limit; alter table pipi.meters add constraint never_over_the_limit check (held <= limit_amount)',
    blind: true,
    caught: /more than the limit/,
  },
  {
    what: 'the constraint of the next period is gone',
    sql: 'alter table pipi.meters drop constraint never_over_the_next_period',
    blind: true,
    caught: /more than the limit/,
  },
  {
    what: 'the limit of the constraints follows what is asked',
    sql: 'create or replace function pipi.meter_before() returns trigger language plpgsql as $$ begin new.limit_amount := greatest(new.limit_amount, new.held + new.used, new.standing); return new; end $$; create or replace trigger meter_before before update on pipi.meters for each row execute function pipi.meter_before()',
    blind: true,
    caught: /more than the limit/,
  },
  {
    what: 'a new period goes on with what the old one held',
    change: ['begin_period.sql', 'held = s.held,', 'held = m.held,'],
    caught: /held is not|never_negative/,
  },
  {
    what: 'a new period goes on with what the old one let stand',
    change: ['begin_period.sql', 'standing = s.standing,', ''],
    caught: /standing is not what goes on|never_negative/,
  },
  {
    what: 'a new period goes on with what was used in the old one',
    change: ['begin_period.sql', 'used = case when v_fresh then 0 else m.used end', 'used = m.used'],
    caught: /used is not the sum|more than the limit/,
  },
  {
    what: 'what is given back gives back all of it',
    change: ['target_of.sql', 'else pipi.spent_of(', 'else 0 * pipi.spent_of('],
    caught: /more was given back than was left/,
  },
  {
    what: 'what is given back is not counted as used',
    change: ['replace_holdings.sql', 'used = m.used + s.spent', 'used = m.used'],
    caught: /used is not the sum/,
  },
  {
    what: 'a reservation forgets the next period',
    change: ['reserve_new.sql', 'v_next := v_amount;', 'v_next := 0;'],
    caught: /standing is not what goes on|never_negative/,
  },
  {
    what: 'a reservation of more forgets the next period',
    change: ['reserve_more.sql', 'standing = m.standing + n.next', 'standing = m.standing'],
    caught: /standing is not what goes on|never_negative/,
  },
  {
    what: 'what is bounded by watching is taken for a rate',
    change: ['part.sql', "when p_bound = 'proven' then trunc(", 'when true then trunc('],
    caught: /held is not what its entries take/,
  },
  {
    what: 'what is settled counts from the settlement on',
    change: ['replace_holdings.sql', 'existed = t.really\n', 'existed = t.really, since = pipi.ledger_now()\n'],
    caught: /counts from another time/,
  },
  {
    what: 'what was held already is reserved once more',
    change: ['asked_of.sql', 'greatest(a.asked - h.held, 0),\n', 'a.asked,\n'],
    caught: /holds something else|held is not|never_negative/,
  },
  {
    what: 'everything is refused',
    change: ['engine_reserve.sql', 'if pipi.reserve_new(', 'if false and pipi.reserve_new('],
    sql: 'create or replace function pipi.reserve_more(p_d pipi.deployments, p_lines jsonb, p_consent boolean) returns boolean language sql as $$ select false $$',
    caught: /refused without a reason|an odd refusal/,
  },
]

it.each(MUTANTS)('the audit finds out when $what', async ({ change, sql, blind, caught }) => {
  const { db } = await databaseOfTest({ connections: 4 })
  if (change) await db.query(mutated(await source(change[0]), change))
  if (sql) await db.query(sql)
  // A mutant may break something so badly that the database refuses it: that is found out as well.
  const refused = await run(db, { blind: blind ?? false, until: caught }).then(
    () => [],
    (error: Error) => [error.message],
  )
  const what = [...(await breaches(db)), ...refused]
  expect(what.join(', ')).toMatch(caught)
})

it.each([false, true])('and finds nothing otherwise (only the constraints left: %s)', async (blind) => {
  const { db } = await databaseOfTest({ connections: 4 })
  await run(db, { blind })
  expect(await breaches(db)).toEqual([])
})

/** The same operations every time: four clients in turns, days and months that pass between them; all, or until it shows. */
async function run(db: Database, { blind, until }: { blind: boolean; until?: RegExp }): Promise<void> {
  const model = await openModel(db, 4, { blind, share: 1 / 4 })
  const lists = operations(20, 4, 120)
  for (let to = 10; to <= 120; to += 10) {
    for (const [client, list] of lists.entries()) await drive(model, client, list.slice(0, to))
    await db.query('select audit.check()')
    if (until?.test((await breaches(db)).join(', '))) return
    await moveClock(db, to % 30 === 0 ? 24 * 20 : 40)
  }
  await clear(model, 4)
  await db.query('select audit.check()')
}

const source = (file: string) =>
  readFile(new URL(`../../../../platform/store/functions/${file}`, import.meta.url), 'utf8')

function mutated(text: string, [file, place, instead]: [string, string, string]): string {
  if (!text.includes(place)) throw new Error(`${file} has no "${place}" any more: this mutant has to be rewritten`)
  return text.replace(place, () => instead)
}
