-- money_of(cloud account, meter)
-- Gives: {limit, held, used, left} of a money meter, USD, for the running period; `left` fits the next one too. All 0
-- where there is no such meter.
create or replace function pipi.money_of(p_cloud_account text, p_meter text) returns jsonb language sql stable as $$
  select jsonb_build_object('limit', coalesce(max(m.stated_limit), 0), 'held', coalesce(max(m.held), 0), 'used', coalesce(max(m.used), 0),
    'left', coalesce(greatest(max(m.stated_limit) - greatest(max(m.held) + max(m.used), max(m.standing)), 0), 0))
  from pipi.meters_now(p_cloud_account) m where m.meter = p_meter and m.scope = ''
$$;
