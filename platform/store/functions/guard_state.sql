-- guard_state(): trigger of every engine's Pulumi state table.
-- Takes: each write, whoever makes it; the CLI says its token in the connection's setting pipi.token.
-- Guarantees: a row that belongs to a workspace (its id is in the key) is written only under the newest token of the
-- workspace's lease, once there is one. ZP001 otherwise. Rows that belong to no workspace are free.
create or replace function pipi.guard_state() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_key text := case when tg_op = 'DELETE' then old.key else new.key end;
  v_workspace text := substring(v_key from '(?:^|/)(w[0-9a-z]{20})(?:[./]|$)');
  v_given text := nullif(current_setting('pipi.token', true), '');
  v_newest bigint;
begin
  if v_workspace is not null then
    select token into v_newest from pipi.leases where workspace = v_workspace for share;
    if v_newest is not null and (v_given is null or v_given::bigint <> v_newest) then
      raise exception 'the state of workspace % is under token %, and this write says %', v_workspace, v_newest, coalesce(v_given, 'none')
        using errcode = 'ZP001', hint = 'end this CLI: another engine holds the workspace, or none does';
    end if;
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end $$;
