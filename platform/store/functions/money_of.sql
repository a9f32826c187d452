-- money_of(cloud account, meter)
-- Gives: {limit, held, used, left} of a money meter, USD, for the running period; all 0 where there is no such meter.
create or replace function pipi.money_of(p_cloud_account text, p_meter text) returns jsonb language sql stable as $$
  select jsonb_build_object('limit', coalesce(max(q.stated_limit), 0), 'held', coalesce(max(q.held), 0), 'used', coalesce(max(q.used), 0),
    'left', coalesce(greatest(max(q.stated_limit) - max(q.held) - max(q.used), 0), 0))
  from (
    select m.stated_limit, m.held, case when m.period_key = pipi.period_key(m.period) then m.used else 0 end as used
    from pipi.meters m where m.cloud_account = p_cloud_account and m.meter = p_meter and m.scope = ''
  ) q
$$;
