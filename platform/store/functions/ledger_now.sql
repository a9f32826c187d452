-- ledger_now(): the ledger's clock. The database's own; in sandbox mode moved by as much as the sandbox's clock is
-- (`sandbox.offset` in pipi.settings, milliseconds), so that months pass there without waiting. Leases and deadlines never
-- follow it.
create or replace function pipi.ledger_now() returns timestamptz language sql stable as $$
  select now() + coalesce((select value::bigint from pipi.settings where name = 'sandbox.offset'), 0) * interval '1 ms'
$$;
