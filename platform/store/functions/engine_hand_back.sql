-- engine.hand_back(deployment, token, reason)
-- Gives the lease back without a verdict: the deployment waits, accepted, for another engine. What it reserved stays
-- held, and its open intents stay open. The token moves on, so that a CLI left behind writes nothing more.
create or replace function engine.hand_back(p_deployment text, p_token bigint, p_reason text)
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_d pipi.deployments := pipi.check_lease(p_deployment, p_token);
begin
  update pipi.leases set token = token + 1, holder = null, deployment = null, expires_at = clock_timestamp() where workspace = v_d.workspace;
  update pipi.deployments set status = 'accepted', clone = null, waiting_for = left('another engine: ' || p_reason, 500) where id = v_d.id;
end $$;
