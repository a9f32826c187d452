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

-- engine.end_intent(deployment, token, id, outcome): once; a second time with the same outcome is nothing.
create or replace function engine.end_intent(p_deployment text, p_token bigint, p_id text, p_outcome jsonb)
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_d pipi.deployments := pipi.check_lease(p_deployment, p_token);
  v_before text;
begin
  update pipi.intents set ended_at = clock_timestamp(), outcome = p_outcome ->> 'kind', outcome_id = p_outcome ->> 'id',
    message = left(p_outcome ->> 'message', 4000)
    where id = p_id and workspace = v_d.workspace and ended_at is null;
  if found then return; end if;
  select outcome into v_before from pipi.intents where id = p_id and workspace = v_d.workspace;
  if v_before is null then
    raise exception 'there is no intent % in this workspace', p_id using errcode = 'ZP003';
  end if;
  if v_before <> p_outcome ->> 'kind' then
    raise exception 'intent % ended as % before, not %', p_id, v_before, p_outcome ->> 'kind' using errcode = 'ZP002';
  end if;
end $$;

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
