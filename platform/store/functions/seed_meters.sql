-- seed_meters(cloud account, [{meter, scope, period, unit, title, bound, limit, usdPerUnit}])
-- Takes: the limits as the facts state them now. Scope `*` is a template for scopes that are met later.
-- Guarantees: new meters are made; known ones take the new limit, raised or lowered, at once; where less is allowed than
-- is held nothing more is reserved (`over`) and the journal says so. A meter that is no longer stated has limit 0. Money is
-- the owner's alone (seed_money.sql). What a period has taken stays: only whoever locks a meter begins it anew.
create or replace function pipi.seed_meters(p_cloud_account text, p_meters jsonb) returns void language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('seed ' || p_cloud_account, 0));
  perform pipi.lock_meters(p_cloud_account, (
    select coalesce(jsonb_agg(jsonb_build_object('meter', m.meter, 'scope', m.scope)), '[]') from pipi.meters m where m.cloud_account = p_cloud_account));
  insert into pipi.meters as m (cloud_account, meter, scope, period, period_key, unit, title, bound, usd_per_unit, stated_limit, limit_amount)
  select p_cloud_account, x.meter, x.scope, x.period, pipi.period_key(x.period), x.unit, coalesce(x.title, ''), coalesce(x.bound, 'proven'), x."usdPerUnit", x."limit", x."limit"
  from jsonb_to_recordset(p_meters) as x(meter text, scope text, period text, unit text, title text, bound text, "limit" numeric, "usdPerUnit" numeric)
  order by x.meter, x.scope
  on conflict (cloud_account, meter, scope) do update set
    stated_limit = excluded.stated_limit, unit = excluded.unit, title = excluded.title, bound = excluded.bound, usd_per_unit = excluded.usd_per_unit,
    limit_amount = greatest(excluded.stated_limit, m.held + m.used, m.standing),
    -- A fact that was mended: what is held of it counts anew in the other period.
    earliest_end = case when m.period = excluded.period then m.earliest_end else '-infinity' end,
    period = excluded.period, period_key = case when m.period = excluded.period then m.period_key when excluded.period in ('month', 'day') then pipi.period_key(excluded.period, 'epoch') else excluded.period_key end;
  -- Scopes that were met follow their template.
  update pipi.meters m set stated_limit = t.stated_limit, limit_amount = greatest(t.stated_limit, m.held + m.used, m.standing), unit = t.unit, title = t.title,
    bound = t.bound, usd_per_unit = t.usd_per_unit
  from pipi.meters t
  where m.cloud_account = p_cloud_account and t.cloud_account = p_cloud_account and t.meter = m.meter and t.scope = '*' and m.scope <> '*'
    and not exists (select from jsonb_to_recordset(p_meters) as x(meter text, scope text) where x.meter = m.meter and x.scope = m.scope);
  update pipi.meters m set stated_limit = 0, limit_amount = greatest(m.held + m.used, m.standing)
  where m.cloud_account = p_cloud_account and m.pays = 'free'
    and not exists (select from jsonb_to_recordset(p_meters) as x(meter text, scope text) where x.meter = m.meter and x.scope in (m.scope, '*'));
  perform pipi.tell_over(p_cloud_account);
end $$;
