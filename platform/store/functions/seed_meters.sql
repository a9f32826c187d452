-- seed_meters(cloud account, [{meter, scope, period, unit, title, bound, limit}])
-- Takes: the limits as the facts state them now. Scope `*` is a template for scopes that are met later.
-- Guarantees: new meters are made; known ones take the new limit, raised or lowered, at once; where less is allowed than
-- is held nothing more is reserved (`over`) and the journal says so. A meter that is no longer stated has limit 0.
create or replace function pipi.seed_meters(p_cloud_account text, p_meters jsonb) returns void language plpgsql as $$
declare
  v_over jsonb;
begin
  perform pg_advisory_xact_lock(hashtextextended('seed ' || p_cloud_account, 0));
  insert into pipi.meters as m (cloud_account, meter, scope, period, period_key, unit, title, bound, stated_limit, limit_amount)
  select p_cloud_account, x.meter, x.scope, x.period, pipi.period_key(x.period), x.unit, coalesce(x.title, ''), coalesce(x.bound, 'proven'), x."limit", x."limit"
  from jsonb_to_recordset(p_meters) as x(meter text, scope text, period text, unit text, title text, bound text, "limit" numeric)
  order by x.meter, x.scope
  on conflict (cloud_account, meter, scope) do update set
    period = excluded.period, period_key = excluded.period_key, stated_limit = excluded.stated_limit, unit = excluded.unit, title = excluded.title, bound = excluded.bound,
    limit_amount = greatest(excluded.stated_limit, m.held + m.used);
  -- Scopes that were met follow their template.
  update pipi.meters m set stated_limit = t.stated_limit, limit_amount = greatest(t.stated_limit, m.held + m.used), unit = t.unit, title = t.title, bound = t.bound
  from pipi.meters t
  where m.cloud_account = p_cloud_account and t.cloud_account = p_cloud_account and t.meter = m.meter and t.scope = '*' and m.scope <> '*'
    and not exists (select from jsonb_to_recordset(p_meters) as x(meter text, scope text) where x.meter = m.meter and x.scope = m.scope);
  update pipi.meters m set stated_limit = 0, limit_amount = m.held + m.used
  where m.cloud_account = p_cloud_account and m.pays = 'free'
    and not exists (select from jsonb_to_recordset(p_meters) as x(meter text, scope text) where x.meter = m.meter and x.scope in (m.scope, '*'));
  select jsonb_agg(jsonb_build_object('meter', m.meter, 'scope', m.scope, 'limit', m.stated_limit, 'held', m.held)) into v_over
  from pipi.meters m where m.cloud_account = p_cloud_account and m.over;
  if v_over is not null then
    perform pipi.write_journal(null, null, null, 'ledger', 'meter.over', jsonb_build_object('cloudAccount', p_cloud_account, 'meters', v_over));
  end if;
end $$;
