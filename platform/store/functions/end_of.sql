-- end_of(deployment)
-- Gives: by when what it makes is gone as promised; null: goes on. A deploy says so itself, what only changes something
-- keeps what was said before. An hour beyond the promise: deleting takes its time, and may fall behind midnight. An end
-- that has passed already is none.
create or replace function pipi.end_of(p_d pipi.deployments) returns timestamptz language sql stable as $$
  select case when x.ends_at > pipi.ledger_now() then x.ends_at + interval '1 hour' end
  from (
    select case when p_d.kind in ('deploy', 'preview', 'secure') then p_d.ends_at
      else coalesce(p_d.ends_at, (select w.ends_at from pipi.workspaces w where w.id = p_d.workspace)) end as ends_at
  ) x
$$;
