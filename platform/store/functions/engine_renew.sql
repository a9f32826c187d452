-- engine.renew(deployment, token, lease in ms)
-- Gives: `ok`, or `cancel` when somebody asked for it. Guarantees: prolongs the lease by the database's clock, and only
-- the newest token's (ZP001 otherwise). A lease that ran out and that nobody took is still ours.
create or replace function engine.renew(p_deployment text, p_token bigint, p_lease_ms bigint)
returns text language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_d pipi.deployments := pipi.check_lease(p_deployment, p_token);
begin
  -- Not worth waiting for the disk: a lost one is said again.
  perform set_config('synchronous_commit', 'off', true);
  update pipi.leases set expires_at = clock_timestamp() + p_lease_ms * interval '1 ms' where workspace = v_d.workspace;
  return case when v_d.cancel_requested_at is null then 'ok' else 'cancel' end;
end $$;
