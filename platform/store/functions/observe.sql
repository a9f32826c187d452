-- observe(cloud account, [{meter, scope, total, byResource: [{id, amount}], until}])
-- Takes: what a platform says was used since the running period began; `until` in milliseconds since 1970.
-- Guarantees: `observed` is what of it is not ours: where the platform tells resources apart, all but what it says of
-- ours, each up to its part; else all but the most that ours can have used by then. What was given back without knowing
-- what it had used gives the rest back, once a reading goes beyond its end. A reading of a period that is over, or older
-- than the newest, changes nothing; a meter that no fact states is left out.
create or replace function pipi.observe(p_cloud_account text, p_readings jsonb) returns void language plpgsql as $$
declare
  v_r record;
begin
  if jsonb_array_length(coalesce(p_readings, '[]')) = 0 then return; end if;
  perform pipi.lock_meters(p_cloud_account, p_readings);
  for v_r in
    select m.*, (e.value ->> 'total')::numeric as total, nullif(e.value -> 'byResource', 'null') as by_resource,
      to_timestamp((e.value ->> 'until')::numeric / 1000) as until
    from jsonb_array_elements(p_readings) e
    join pipi.meters m on m.cloud_account = p_cloud_account and m.meter = e.value ->> 'meter' and m.scope = e.value ->> 'scope'
    where to_timestamp((e.value ->> 'until')::numeric / 1000) >= coalesce(m.read_at, '-infinity')
      and to_timestamp((e.value ->> 'until')::numeric / 1000) >= coalesce(m.starts, '-infinity')
    order by 1, 2, 3
  loop
    insert into pipi.readings as r (cloud_account, meter, scope, resource, period_key, amount, read_at)
    select p_cloud_account, v_r.meter, v_r.scope, b.id, v_r.period_key, sum(b.amount), v_r.until
    from jsonb_to_recordset(coalesce(v_r.by_resource, '[]')) as b(id text, amount numeric) group by b.id
    on conflict (cloud_account, meter, scope, resource) do update set period_key = excluded.period_key, amount = excluded.amount, read_at = excluded.read_at;
    perform pipi.give_back_read(p_cloud_account, v_r.meter, v_r.scope, v_r.until);
    update pipi.meters m set reading = v_r.total, read_at = v_r.until,
      observed = greatest(v_r.total - pipi.ours_of(p_cloud_account, v_r.meter, v_r.scope, v_r.by_resource is not null, v_r.until), 0)
      where m.cloud_account = p_cloud_account and m.meter = v_r.meter and m.scope = v_r.scope;
  end loop;
  perform pipi.tell_over(p_cloud_account);
end $$;

-- give_back_read(cloud account, meter, scope, until)
-- Guarantees: resources that are gone, and whose reading goes beyond their end, count with what they were read to have used.
create or replace function pipi.give_back_read(p_cloud_account text, p_meter text, p_scope text, p_until timestamptz) returns void language sql as $$
  with gone as (
    select h.id, least(h.part, greatest(r.amount - coalesce(sum(h.part) over (partition by h.cloud_id order by h.id rows between unbounded preceding and 1 preceding), 0), 0)) as part, h.part as before
    from pipi.meters m
    join pipi.holdings h on h.cloud_account = m.cloud_account and h.meter = m.meter and h.scope = m.scope and h.state = 'released'
      and h.released_at between m.starts and p_until and h.part > 0 and h.bound <> 'proven'
    join pipi.readings r on r.cloud_account = m.cloud_account and r.meter = m.meter and r.scope = m.scope and r.resource = h.cloud_id and r.period_key = m.period_key
      and r.read_at >= h.released_at
    where m.cloud_account = p_cloud_account and m.meter = p_meter and m.scope = p_scope and m.period in ('month', 'day')
      and not exists (select from pipi.holdings o where o.cloud_account = m.cloud_account and o.meter = m.meter and o.scope = m.scope and o.cloud_id = h.cloud_id
        and o.state <> 'released')
  ), less as (
    update pipi.holdings h set part = g.part from gone g where h.id = g.id and g.part < g.before returning g.before - g.part as back
  )
  update pipi.meters m set used = m.used - s.back from (select sum(l.back) as back from less l) s
    where m.cloud_account = p_cloud_account and m.meter = p_meter and m.scope = p_scope and s.back > 0
$$;

-- ours_of(cloud account, meter, scope, told apart, until)
-- Gives: how much of a reading is ours, in the meter's unit, what money pays for included. A reading that tells resources
-- apart may leave some out (what is gone, or more than can be read at once), which its total has: of those the last that
-- they were read to have used in this period is ours.
create or replace function pipi.ours_of(p_cloud_account text, p_meter text, p_scope text, p_apart boolean, p_until timestamptz) returns numeric language sql stable as $$
  with m as (
    select x.*
    from pipi.meters x where x.cloud_account = p_cloud_account and x.meter = p_meter and x.scope = p_scope
  ), ours as (
    select h.cloud_id, h.part as part, case when h.state = 'released' then h.part
      else pipi.spent_of(h.part, h.bound, m.period, m.pays, h.since, h.ends_at, m.ends, h.per_hour, p_until, null, null) end as spent
    from m join pipi.holdings h on h.cloud_account = m.cloud_account and h.meter = m.meter and h.scope = m.scope
      and (h.state <> 'released' or h.released_at >= coalesce(m.starts, '-infinity')) and m.period <> 'concurrent'
    union all
    -- What it pays for, as far as the paying part is of the running period.
    select h.cloud_id, p.units, p.units
    from m join pipi.holdings h on h.cloud_account = m.cloud_account and h.pays_meter = m.meter and h.pays_scope = m.scope and h.state <> 'released'
    cross join lateral (select pipi.part_of(h.pays_amount, h.bound, m.period, greatest(h.since, m.starts), h.ends_at, m.ends, null) as units) p
    where m.period <> 'concurrent'
  )
  select case
    when (select m.period from m) = 'concurrent' then (select m.held + coalesce((select sum(h.pays_amount) from pipi.holdings h
      where h.cloud_account = m.cloud_account and h.pays_meter = m.meter and h.pays_scope = m.scope and h.state <> 'released'), 0) from m)
    when p_apart then coalesce((select sum(least(r.amount, o.part)) from (
      select ours.cloud_id, sum(ours.part) as part from ours where ours.cloud_id is not null group by 1) o
      join m on true join pipi.readings r on r.cloud_account = m.cloud_account and r.meter = m.meter and r.scope = m.scope and r.resource = o.cloud_id
        and r.period_key = m.period_key), 0)
    else coalesce((select sum(ours.spent) from ours), 0) end
$$;
