-- engine.reopen_intents(deployment, token, urns)
-- Takes: resources whose create Pulumi's state still calls unfinished. Their last create, if it ended well, is open
-- again: the state never heard of its outcome, so what it made would be nobody's and would be made a second time.
-- Guarantees: the platform has answered already, so there is no deadline to wait for; once is as good as twice.
create or replace function engine.reopen_intents(p_deployment text, p_token bigint, p_urns text[])
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_d pipi.deployments := pipi.check_lease(p_deployment, p_token);
begin
  update pipi.intents i set ended_at = null, outcome = null, outcome_id = null, message = 'the state never heard that it was ' || i.outcome,
    deadline_at = least(i.deadline_at, clock_timestamp())
  from (
    select distinct on (l.urn) l.id from pipi.intents l
    where l.workspace = v_d.workspace and l.urn = any(p_urns) order by l.urn, l.began_at desc, l.id desc
  ) last
  where i.id = last.id and i.operation = 'create' and i.outcome_id is not null;
end $$;
