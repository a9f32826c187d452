-- engine.reserve(deployment, token, [{urn, type, amounts: [{meter, scope, amount, bound, because}]}])
-- Takes: what a deployment is going to have. What the workspace holds for a URN already counts once: only what is more
-- is added, and nothing is given back before settle.
-- Gives: null when all of it is reserved, else the facts of one refusal, and then nothing is reserved.
-- Guarantees: all or none; the CHECK of pipi.meters has the last word; concurrent reservations lock in one order.
create or replace function engine.reserve(p_deployment text, p_token bigint, p_lines jsonb)
returns jsonb language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_d pipi.deployments := pipi.check_lease(p_deployment, p_token);
  v_refusal jsonb;
begin
  perform pipi.lock_meters(v_d.cloud_account, (
    select coalesce(jsonb_agg(jsonb_build_object('meter', a ->> 'meter', 'scope', a ->> 'scope')), '[]')
    from jsonb_path_query(p_lines, '$[*].amounts[*]') a));
  v_refusal := pipi.refusal_of(v_d, p_lines, false);
  if v_refusal is not null then return v_refusal; end if;
  begin
    update pipi.meters m set held = m.held + t.more
    from (select a.meter, a.scope, sum(a.asked - a.held) as more from pipi.asked_of(v_d, p_lines) a where a.asked > a.held group by 1, 2) t
    where m.cloud_account = v_d.cloud_account and m.meter = t.meter and m.scope = t.scope;
    insert into pipi.holdings (cloud_account, meter, scope, account, workspace, deployment, urn, type, amount, bound, because, state)
    select v_d.cloud_account, a.meter, a.scope, v_d.account, v_d.workspace, v_d.id, a.urn, a.type, a.asked - a.held, a.bound, coalesce(a.because, ''), 'reserved'
    from pipi.asked_of(v_d, p_lines) a where a.asked > a.held;
  exception when check_violation then
    -- The arithmetic above said yes and the constraint no: the constraint is right.
    return coalesce(pipi.refusal_of(v_d, p_lines, true), jsonb_build_object('code', 'lock.over-limit'));
  end;
  return null;
end $$;
