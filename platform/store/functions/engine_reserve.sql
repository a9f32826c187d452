-- engine.reserve(deployment, token, [{urn, type, amounts: [{meter, scope, amount, bound, perHour, because}], replacing}])
-- Takes: what a deployment is going to have. What the workspace holds for a URN already counts once: only what is more
-- is added, and nothing is given back before settle.
-- Gives: null when all of it is reserved, else the facts of one refusal, and then nothing is reserved.
-- Guarantees: all or none, in the running period and in the next; free first, then money (pay.sql); nothing while the
-- kill switch is thrown; the CHECKs of pipi.meters have the last word; concurrent reservations lock in one order.
create or replace function engine.reserve(p_deployment text, p_token bigint, p_lines jsonb)
returns jsonb language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_d pipi.deployments := pipi.check_lease(p_deployment, p_token);
  v_c pipi.cloud_accounts;
  v_begun boolean;
  v_no boolean;
  v_stretch boolean;
  v_refusal jsonb;
begin
  select * into v_c from pipi.cloud_accounts c where c.id = v_d.cloud_account;
  if not pipi.may_make(v_d.kind, v_c.switch) then return pipi.stopped_of(v_d, v_c, p_lines); end if;
  v_begun := pipi.lock_meters(v_d.cloud_account, jsonb_path_query_array(p_lines, '$[*].amounts[*]'));
  begin
    with ask as materialized (
      select * from pipi.asked_of(v_d, p_lines)
    ), need as (
      select a.meter, a.scope, sum(a.part + a.stretch_part) as part, sum(a.next + a.stretch_next) as next, min(a.ends_at) as ends_at
      from ask a where a.more > 0 or a.stretch group by a.meter, a.scope
    ), no as (
      select 1 from ask a left join pipi.meters m on m.cloud_account = v_d.cloud_account and m.meter = a.meter and m.scope = a.scope
        where (m.meter is null and a.asked > 0) or a.bound = 'unbounded' or (a.bound = 'watched' and a.asked > 0 and not v_c.consent_watched)
      union all
      select 1 from need n join pipi.meters m on m.cloud_account = v_d.cloud_account and m.meter = n.meter and m.scope = n.scope
        where n.part > m.stated_limit - m.held - m.used - m.observed or n.next > m.stated_limit - m.standing - m.observed
    ), taken as (
      update pipi.meters m set held = m.held + n.part, standing = m.standing + n.next,
        earliest_end = case when m.period in ('month', 'day') then least(m.earliest_end, n.ends_at) end
      from need n
      where m.cloud_account = v_d.cloud_account and m.meter = n.meter and m.scope = n.scope and not exists (select from no)
    ), made as (
      insert into pipi.holdings (cloud_account, meter, scope, account, workspace, deployment, urn, type, amount, part, since, ends_at, bound, per_hour, because, state)
      select v_d.cloud_account, a.meter, a.scope, v_d.account, v_d.workspace, v_d.id, a.urn, a.type, a.more, a.part, a.since, a.ends_at, a.bound, a.per_hour, a.because, 'reserved'
      from ask a where a.more > 0 and not exists (select from no)
    )
    select exists (select from no), coalesce((select bool_or(a.stretch) from ask a), false) into v_no, v_stretch;
    if not v_no and v_stretch then perform pipi.stretch(v_d, p_lines); end if;
  exception when check_violation then
    -- The arithmetic above said yes and the constraint no: the constraint is right.
    return coalesce(pipi.refusal_of(v_d, p_lines, true), jsonb_build_object('code', 'lock.over-limit'));
  end;
  if v_no and not pipi.pay(v_d, p_lines) then v_refusal := pipi.refusal_of(v_d, p_lines, false); end if;
  if v_begun then perform pipi.tell_over(v_d.cloud_account); end if;
  return v_refusal;
end $$;

-- stretch(deployment, lines): what is held of these for a shorter time is held until the deployment's own end.
create or replace function pipi.stretch(p_d pipi.deployments, p_lines jsonb) returns void language sql as $$
  update pipi.holdings h set ends_at = a.ends_at, part = pipi.part_of(h.amount, h.bound, m.period, h.since, a.ends_at, pipi.period_end(m.period, m.period_key))
  from pipi.asked_of(p_d, p_lines) a join pipi.meters m on m.cloud_account = p_d.cloud_account and m.meter = a.meter and m.scope = a.scope
  where a.stretch and h.workspace = p_d.workspace and h.urn = a.urn and h.cloud_account = p_d.cloud_account and h.meter = a.meter and h.scope = a.scope
    and h.state <> 'released' and h.ends_at < coalesce(a.ends_at, 'infinity')
$$;
