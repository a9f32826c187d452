-- engine.begin_intent(deployment, token, id, intent): written before a provider may act.
-- Guarantees: one round trip checks the token and writes; refuses (ZP001) also when the lease has run out, since what
-- follows happens outside the database; while the kill switch is thrown nothing is made or changed (ZP008), only taken
-- away, adopted, or made to stand still. What this deployment has deleted to put another in its place is put there.
create or replace function engine.begin_intent(p_deployment text, p_token bigint, p_id text, p_intent jsonb)
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_d pipi.deployments := pipi.check_lease(p_deployment, p_token);
  v_c pipi.cloud_accounts;
begin
  if not exists (select from pipi.leases where workspace = v_d.workspace and expires_at > clock_timestamp()) then
    raise exception 'the lease of deployment % has run out', p_deployment
      using errcode = 'ZP001', hint = 'renew it before anything else is done at the platform';
  end if;
  select * into v_c from pipi.cloud_accounts c where c.id = v_d.cloud_account;
  if p_intent ->> 'operation' in ('create', 'update') and not pipi.may_make(v_d.kind, v_c.switch) and not (p_intent ->> 'operation' = 'create' and coalesce((
    select i.operation = 'delete' and i.outcome = 'done' from pipi.intents i
    where i.workspace = v_d.workspace and i.deployment = v_d.id and i.urn = p_intent ->> 'urn' order by i.began_at desc limit 1), false)) then
    raise exception 'the kill switch of % is thrown (%): %', v_c.id, v_c.switch, coalesce(v_c.switch_why, 'no reason given')
      using errcode = 'ZP008', hint = pipi.switch_hint(v_d.engine);
  end if;
  insert into pipi.intents (id, workspace, deployment, token, urn, type, operation, cloud_id, lookup, deadline_at)
  values (p_id, v_d.workspace, v_d.id, p_token, p_intent ->> 'urn', p_intent ->> 'type', p_intent ->> 'operation',
    p_intent ->> 'id', p_intent -> 'lookup', clock_timestamp() + (p_intent ->> 'deadlineMs')::bigint * interval '1 ms');
end $$;
