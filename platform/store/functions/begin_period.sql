-- begin_period(cloud account, meter, scope, now)
-- Takes: a meter whose row is locked. Its day or month is over, or a holding stands past its promised end.
-- Guarantees: nothing is used or observed of a new period yet; what lives takes its part of it, from its beginning on. An
-- end that was not kept is no end: from now on it counts in full. Where that is more than the limit, the limit of the
-- CHECK stands at it and the meter is over. A period only ever follows an earlier one, whatever a clock says.
create or replace function pipi.begin_period(p_cloud_account text, p_meter text, p_scope text, p_now timestamptz) returns void language plpgsql as $$
declare
  v_m pipi.meters;
  v_fresh boolean;
  v_start timestamptz;
  v_end timestamptz;
  v_next timestamptz;
begin
  select * into v_m from pipi.meters m where m.cloud_account = p_cloud_account and m.meter = p_meter and m.scope = p_scope;
  v_fresh := v_m.period in ('month', 'day') and v_m.period_key < pipi.period_key(v_m.period, p_now);
  if v_fresh then v_m.period_key := pipi.period_key(v_m.period, p_now); end if;
  v_start := pipi.period_start(v_m.period, v_m.period_key);
  v_end := pipi.period_end(v_m.period, v_m.period_key);
  v_next := pipi.next_end(v_m.period, v_m.period_key);

  if v_m.pays = 'credit' then
    -- What a credit pays goes on at the same price a day: until the month is over it is held at once.
    update pipi.holdings h set ends_at = x.ends_at, amount = x.amount, part = x.amount
    from (
      select o.id, e.ends_at, trunc(o.amount * extract(epoch from e.ends_at - o.since) / nullif(extract(epoch from o.ends_at - o.since), 0), 12) as amount
      from pipi.holdings o, (select pipi.period_end('month', pipi.period_key('month', p_now)) as ends_at) e
      where o.cloud_account = p_cloud_account and o.meter = p_meter and o.scope = p_scope and o.state <> 'released' and o.ends_at <= p_now
    ) x where h.id = x.id;
  elsif v_end is not null then
    update pipi.holdings h set ends_at = x.ends_at, since = x.since, part = pipi.part_of(h.amount, h.bound, v_m.period, x.since, x.ends_at, v_end, h.per_hour)
    from (
      select o.id, case when o.ends_at > p_now then o.ends_at end as ends_at, case when v_fresh then greatest(o.since, v_start) else o.since end as since
      from pipi.holdings o
      where o.cloud_account = p_cloud_account and o.meter = p_meter and o.scope = p_scope and o.state <> 'released' and (v_fresh or o.ends_at <= p_now)
    ) x where h.id = x.id;
  else
    -- It was counted by another period before (a fact was mended).
    update pipi.holdings h set part = h.amount
      where h.cloud_account = p_cloud_account and h.meter = p_meter and h.scope = p_scope and h.state <> 'released' and h.part <> h.amount;
  end if;

  update pipi.meters m set
    period_key = v_m.period_key,
    used = case when v_fresh then 0 else m.used end,
    observed = case when v_fresh then 0 else m.observed end,
    reading = case when v_fresh then null else m.reading end,
    read_at = case when v_fresh then null else m.read_at end,
    held = s.held, standing = s.standing, earliest_end = s.earliest_end,
    limit_amount = greatest(m.limit_amount, s.held + case when v_fresh then 0 else m.used end, s.standing)
  from (
    select coalesce(sum(h.part), 0) as held,
      coalesce(sum(pipi.next_part_of(h.amount, h.bound, v_m.period, h.ends_at, v_end, v_next, h.per_hour)), 0) as standing,
      min(h.ends_at) filter (where v_end is not null or v_m.pays = 'credit') as earliest_end
    from pipi.holdings h
    where h.cloud_account = p_cloud_account and h.meter = p_meter and h.scope = p_scope and h.state <> 'released'
  ) s
  where m.cloud_account = p_cloud_account and m.meter = p_meter and m.scope = p_scope;
end $$;
