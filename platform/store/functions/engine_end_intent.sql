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
