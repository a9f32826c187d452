-- The rules of a meter, as a trigger on its table, and what its periods are called.
-- Guarantees: where a stated limit was lowered below what is held, the limit of the CHECK sinks with every release
-- until it is the stated one again; it never rises here.
create or replace function pipi.meter_before() returns trigger language plpgsql as $$
begin
  if new.limit_amount > new.stated_limit then
    new.limit_amount := least(new.limit_amount, greatest(new.stated_limit, new.held + new.used));
  end if;
  return new;
end $$;
create or replace trigger meter_before before update on pipi.meters
  for each row execute function pipi.meter_before();

-- period_key(period): the name of the running day or month (UTC), empty for what never resets.
create or replace function pipi.period_key(p_period text) returns text language sql stable as $$
  select case p_period
    when 'month' then to_char(now() at time zone 'UTC', 'YYYY-MM')
    when 'day' then to_char(now() at time zone 'UTC', 'YYYY-MM-DD')
    else '' end
$$;

-- resets_at(period): when it starts anew; null for what never resets.
create or replace function pipi.resets_at(p_period text) returns timestamptz language sql stable as $$
  select case p_period
    when 'month' then (date_trunc('month', now() at time zone 'UTC') + interval '1 month') at time zone 'UTC'
    when 'day' then (date_trunc('day', now() at time zone 'UTC') + interval '1 day') at time zone 'UTC'
  end
$$;
