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
