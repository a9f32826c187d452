-- reserve_more(deployment, lines, consent to watched)
-- Takes: lines of some of which the workspace holds something; their meters are locked. Gives: whether what they ask more
-- fits and was reserved; if not, the caller undoes what was.
create or replace function pipi.reserve_more(p_d pipi.deployments, p_lines jsonb, p_consent boolean) returns boolean language plpgsql as $$
declare
  v_no boolean;
  v_stretch boolean;
begin
  with ask as materialized (
    select * from pipi.asked_of(p_d, p_lines)
  ), need as (
    select a.meter, a.scope, sum(a.part + a.stretch_part) as part, sum(a.next + a.stretch_next) as next, min(a.ends_at) as ends_at
    from ask a where a.more > 0 or a.stretch group by a.meter, a.scope
  ), no as (
    select 1 from ask a left join pipi.meters m on m.cloud_account = p_d.cloud_account and m.meter = a.meter and m.scope = a.scope
      where (m.meter is null and a.asked > 0) or a.bound = 'unbounded' or (a.bound = 'watched' and a.asked > 0 and not p_consent)
    union all
    select 1 from need n join pipi.meters m on m.cloud_account = p_d.cloud_account and m.meter = n.meter and m.scope = n.scope
      where n.part > m.stated_limit - m.held - m.used - m.observed or n.next > m.stated_limit - m.standing - m.observed
  ), taken as (
    update pipi.meters m set held = m.held + n.part, standing = m.standing + n.next,
      earliest_end = case when m.period in ('month', 'day') then least(m.earliest_end, n.ends_at) end
    from need n
    where m.cloud_account = p_d.cloud_account and m.meter = n.meter and m.scope = n.scope and not exists (select from no)
  ), made as (
    insert into pipi.holdings (cloud_account, meter, scope, account, workspace, deployment, urn, type, amount, part, since, ends_at, bound, per_hour, because, state)
    select p_d.cloud_account, a.meter, a.scope, p_d.account, p_d.workspace, p_d.id, a.urn, a.type, a.more, a.part, a.since, a.ends_at, a.bound, a.per_hour, a.because, 'reserved'
    from ask a where a.more > 0 and not exists (select from no)
  )
  select exists (select from no), coalesce((select bool_or(a.stretch) from ask a), false) into v_no, v_stretch;
  if not v_no and v_stretch then perform pipi.stretch(p_d, p_lines); end if;
  return not v_no;
end $$;

-- stretch(deployment, lines): what is held of these for a shorter time is held until the deployment's own end.
create or replace function pipi.stretch(p_d pipi.deployments, p_lines jsonb) returns void language sql as $$
  update pipi.holdings h set ends_at = a.ends_at, part = pipi.part_of(h.amount, h.bound, m.period, h.since, a.ends_at, m.ends, h.per_hour)
  from pipi.asked_of(p_d, p_lines) a join pipi.meters m on m.cloud_account = p_d.cloud_account and m.meter = a.meter and m.scope = a.scope
  where a.stretch and h.workspace = p_d.workspace and h.urn = a.urn and h.cloud_account = p_d.cloud_account and h.meter = a.meter and h.scope = a.scope
    and h.state <> 'released' and h.ends_at < coalesce(a.ends_at, 'infinity')
$$;
