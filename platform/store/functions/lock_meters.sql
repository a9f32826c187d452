-- lock_meters(cloud account, [{meter, scope}])
-- Takes: which meters a transaction is going to change.
-- Gives: nothing. Afterwards the rows are locked, made from the template (scope `*`) where a scope is new, and begun
-- anew where their day or month is over: what is held carries over, what was used or observed does not.
-- Guarantees: always the same order, so that two reservations never wait for each other in a circle.
create or replace function pipi.lock_meters(p_cloud_account text, p_keys jsonb) returns void language plpgsql as $$
declare
  v_key record;
begin
  insert into pipi.meters (cloud_account, meter, scope, period, period_key, unit, title, bound, stated_limit, limit_amount)
  select t.cloud_account, t.meter, k.scope, t.period, pipi.period_key(t.period), t.unit, t.title, t.bound, t.stated_limit, t.stated_limit
  from (select distinct x.meter, x.scope from jsonb_to_recordset(p_keys) as x(meter text, scope text)) k
  join pipi.meters t on t.cloud_account = p_cloud_account and t.meter = k.meter and t.scope = '*'
  order by t.meter, k.scope
  on conflict do nothing;

  for v_key in
    select distinct x.meter, x.scope from jsonb_to_recordset(p_keys) as x(meter text, scope text) order by x.meter, x.scope
  loop
    perform from pipi.meters m
      where m.cloud_account = p_cloud_account and m.meter = v_key.meter and m.scope = v_key.scope for no key update;
    update pipi.meters m set used = 0, observed = 0, period_key = pipi.period_key(m.period)
      where m.cloud_account = p_cloud_account and m.meter = v_key.meter and m.scope = v_key.scope
        and m.period_key <> pipi.period_key(m.period);
  end loop;
end $$;
