-- record_health(workspace, component, url, well, detail)
-- Takes: what one look saw. Guarantees: it turns only when two looks in a row saw the other state, or when what was
-- unwell is well again; a turn has its journal record (workspace.unhealthy, workspace.healthy) in the same transaction.
-- What has another address meanwhile, or is gone, is left alone.
create or replace function pipi.record_health(p_workspace text, p_component text, p_url text, p_well boolean, p_detail text) returns void language plpgsql as $$
declare
  v_h pipi.health;
  v_w pipi.workspaces;
  v_turns boolean;
begin
  select * into v_h from pipi.health h where h.workspace = p_workspace and h.component = p_component and h.url = p_url for no key update;
  if not found then return; end if;
  v_turns := v_h.healthy is distinct from p_well and (p_well or v_h.doubts >= 1);
  update pipi.health h set checked_at = clock_timestamp(), detail = p_detail,
    doubts = case when v_turns or v_h.healthy is not distinct from p_well then 0 else h.doubts + 1 end,
    since = case when v_turns then clock_timestamp() else h.since end,
    healthy = case when v_turns then p_well else h.healthy end
    where h.workspace = p_workspace and h.component = p_component;
  if not v_turns or (p_well and v_h.healthy is null) then return; end if;
  select * into v_w from pipi.workspaces w where w.id = p_workspace;
  perform pipi.write_journal(v_w.account, v_w.id, null, 'platform', case when p_well then 'workspace.healthy' else 'workspace.unhealthy' end,
    jsonb_build_object('workspace', v_w.name, 'engine', v_w.engine, 'component', p_component, 'url', p_url, 'detail', p_detail, 'before', pipi.iso(v_h.since)));
end $$;
