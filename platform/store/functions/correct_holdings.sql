-- correct_holdings(workspace, [{urn, type, id, amounts}])
-- Takes: everything that a workspace at rest really has. Gives: false, and changes nothing, when a deployment of it is
-- open. Guarantees: as a settlement does it: more is held at once, a meter may become `over`; less is given back.
create or replace function pipi.correct_holdings(p_workspace text, p_resources jsonb) returns boolean language plpgsql as $$
declare
  v_d pipi.deployments;
begin
  -- No engine takes the workspace meanwhile; no deployment of it is accepted and taken in between.
  perform from pipi.leases l where l.workspace = p_workspace for no key update;
  if exists (select from pipi.deployments d where d.workspace = p_workspace and d.finished_at is null) then return false; end if;
  select d.* into v_d from pipi.deployments d where d.workspace = p_workspace order by d.position desc limit 1;
  if v_d.id is null then return false; end if;
  select w.ends_at into v_d.ends_at from pipi.workspaces w where w.id = p_workspace;
  perform pipi.replace_holdings(v_d, p_resources, pipi.end_of(v_d));
  delete from pipi.resources where workspace = p_workspace;
  insert into pipi.resources (workspace, urn, type, id, deployment, amounts)
  select p_workspace, r.value ->> 'urn', r.value ->> 'type', r.value ->> 'id', v_d.id, coalesce(r.value -> 'amounts', '[]') from jsonb_array_elements(p_resources) r
  on conflict do nothing;
  return true;
end $$;
