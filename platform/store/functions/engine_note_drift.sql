-- engine.note_drift(deployment, token, drift)
-- Takes: what the workspace is known to differ in from what was deployed, as a whole. Guarantees: written before Pulumi's
-- state takes over what was found, so that a refresh that is killed in the middle loses nothing of it.
create or replace function engine.note_drift(p_deployment text, p_token bigint, p_drift jsonb)
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_d pipi.deployments := pipi.check_lease(p_deployment, p_token);
begin
  update pipi.workspaces set drift = p_drift where id = v_d.workspace;
end $$;
