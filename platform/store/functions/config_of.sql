-- config_of(workspace)
-- Gives: its configuration as a deployment takes it along, {component: {NAME: value}}.
create or replace function pipi.config_of(p_workspace text) returns jsonb language sql stable as $$
  select coalesce(jsonb_object_agg(c.component, c.held), '{}') from (
    select component, jsonb_object_agg(name, value) as held from pipi.config where workspace = p_workspace group by component) c
$$;

-- restore_config(deployment)
-- Takes: a rollback that has succeeded. Guarantees: what the workspace is configured with is what stands now, so that its
-- next deployment does not bring back what was left; where somebody has set or unset something since it was accepted, that stays.
create or replace function pipi.restore_config(p_d pipi.deployments) returns void language plpgsql as $$
begin
  if p_d.kind <> 'rollback' or exists (select from pipi.workspaces w where w.id = p_d.workspace and w.config_changed_at > p_d.accepted_at) then return; end if;
  delete from pipi.config where workspace = p_d.workspace;
  insert into pipi.config (workspace, component, name, value, set_by)
  select p_d.workspace, c.key, v.key, v.value, coalesce(p_d.requested_by, 'platform')
  from jsonb_each(p_d.config) c, jsonb_each_text(c.value) v;
end $$;
