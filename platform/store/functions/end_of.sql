-- end_of(deployment)
-- Gives: by when what it makes is gone as promised; null: goes on. A deploy says so itself, what only changes something
-- keeps what was said before. An hour beyond the promise: deleting takes its time, and may fall behind midnight. An end
-- that has passed already is none.
create or replace function pipi.end_of(p_d pipi.deployments) returns timestamptz language plpgsql stable as $$
declare
  v_ends timestamptz := p_d.ends_at;
begin
  if v_ends is null and p_d.kind not in ('deploy', 'preview', 'secure') then
    select w.ends_at into v_ends from pipi.workspaces w where w.id = p_d.workspace;
  end if;
  return case when v_ends > pipi.ledger_now() then v_ends + interval '1 hour' end;
end $$;
