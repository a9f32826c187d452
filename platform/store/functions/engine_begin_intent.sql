-- engine.begin_intent(deployment, token, id, intent): written before a provider may act.
-- Guarantees: one round trip checks the token and writes; refuses (ZP001) also when the lease has run out, since what
-- follows happens outside the database.
create or replace function engine.begin_intent(p_deployment text, p_token bigint, p_id text, p_intent jsonb)
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_d pipi.deployments := pipi.check_lease(p_deployment, p_token);
begin
  if not exists (select from pipi.leases where workspace = v_d.workspace and expires_at > clock_timestamp()) then
    raise exception 'the lease of deployment % has run out', p_deployment
      using errcode = 'ZP001', hint = 'renew it before anything else is done at the platform';
  end if;
  insert into pipi.intents (id, workspace, deployment, token, urn, type, operation, cloud_id, lookup, deadline_at)
  values (p_id, v_d.workspace, v_d.id, p_token, p_intent ->> 'urn', p_intent ->> 'type', p_intent ->> 'operation',
    p_intent ->> 'id', p_intent -> 'lookup', clock_timestamp() + (p_intent ->> 'deadlineMs')::bigint * interval '1 ms');
end $$;
