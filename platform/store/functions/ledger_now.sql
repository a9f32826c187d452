-- ledger_now(): the ledger's clock. The database's own; in sandbox mode moved by as much as the sandbox's clock is
-- (`sandbox.offset` in pipi.settings, milliseconds), so that months pass there without waiting. Leases and deadlines never
-- follow it.
create or replace function pipi.ledger_now() returns timestamptz language sql stable as $$
  select now() + coalesce((select value::bigint from pipi.settings where name = 'sandbox.offset'), 0) * interval '1 ms'
$$;

-- moment_in(starts, ends): now, as the period of a locked meter has it. Who waited for it over midnight, or whose clock was
-- moved meanwhile, still counts in the period that the meter is in.
create or replace function pipi.moment_in(p_starts timestamptz, p_ends timestamptz) returns timestamptz language sql stable as $$
  select greatest(least(pipi.ledger_now(), p_ends - interval '1 microsecond'), p_starts)
$$;
