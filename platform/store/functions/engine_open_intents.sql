-- engine.open_intents(deployment, token): all of the workspace that have no outcome, whoever began them, oldest first.
create or replace function engine.open_intents(p_deployment text, p_token bigint)
returns table (intent text, token bigint, urn text, type text, operation text, cloud_id text, lookup jsonb, deadline_ms bigint, due_in_ms bigint)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_d pipi.deployments := pipi.check_lease(p_deployment, p_token);
begin
  return query select i.id, i.token, i.urn, i.type, i.operation, i.cloud_id, i.lookup,
    round(extract(epoch from i.deadline_at - i.began_at) * 1000)::bigint,
    round(extract(epoch from i.deadline_at - clock_timestamp()) * 1000)::bigint
  from pipi.intents i where i.workspace = v_d.workspace and i.ended_at is null order by i.began_at, i.id;
end $$;
