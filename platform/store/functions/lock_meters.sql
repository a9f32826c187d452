-- lock_meters(cloud account, [{meter, scope}])
-- Takes: which meters a transaction is going to change.
-- Gives: whether one of them was begun anew. Afterwards the rows are locked, made from the template (scope `*`) where a
-- scope is new, and begun anew where their day or month is over or an end was not kept.
-- Guarantees: always the same order, money last, so that two reservations never wait for each other in a circle. Whoever
-- comes first after midnight does it; no process has to be alive then.
create or replace function pipi.lock_meters(p_cloud_account text, p_keys jsonb) returns boolean language plpgsql as $$
declare
  v_m record;
  v_now timestamptz := pipi.ledger_now();
  v_missing int := -1;
  v_begun boolean := false;
begin
  for v_turn in 1..2 loop
    for v_m in
      select m.meter, m.scope, k.wanted,
        m.earliest_end <= v_now or (m.period in ('month', 'day') and m.period_key < pipi.period_key(m.period, v_now)) as due
      from (
        select x.meter, x.scope, count(*) over () as wanted
        from (select distinct e ->> 'meter' as meter, e ->> 'scope' as scope from jsonb_array_elements(p_keys) e) x
      ) k
      join pipi.meters m on m.cloud_account = p_cloud_account and m.meter = k.meter and m.scope = k.scope
      order by k.meter like 'usd.%', k.meter, k.scope for no key update of m
    loop
      v_missing := case when v_missing = -1 then v_m.wanted else v_missing end - 1;
      if v_m.due then
        perform pipi.begin_period(p_cloud_account, v_m.meter, v_m.scope, v_now);
        v_begun := true;
      end if;
    end loop;
    exit when v_missing = 0 or p_keys = '[]';

    insert into pipi.meters (cloud_account, meter, scope, period, period_key, unit, title, bound, pays, usd_per_unit, stated_limit, limit_amount)
    select t.cloud_account, t.meter, k.scope, t.period, pipi.period_key(t.period, v_now), t.unit, t.title, t.bound, t.pays, t.usd_per_unit, t.stated_limit, t.stated_limit
    from (select distinct e ->> 'meter' as meter, e ->> 'scope' as scope from jsonb_array_elements(p_keys) e) k
    join pipi.meters t on t.cloud_account = p_cloud_account and t.meter = k.meter and t.scope = '*'
    where not exists (select from pipi.meters m where m.cloud_account = p_cloud_account and m.meter = k.meter and m.scope = k.scope)
    order by t.meter, k.scope
    on conflict do nothing;
    exit when not found;
    v_missing := -1;
  end loop;
  return v_begun;
end $$;
