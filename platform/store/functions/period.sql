-- period_key(period, at): the name of the day or month (UTC) that holds a moment, empty for what never resets.
create or replace function pipi.period_key(p_period text, p_at timestamptz) returns text language sql stable as $$
  select case p_period
    when 'month' then to_char(p_at at time zone 'UTC', 'YYYY-MM')
    when 'day' then to_char(p_at at time zone 'UTC', 'YYYY-MM-DD')
    else '' end
$$;

-- period_key(period): of the running one, by the ledger's clock.
create or replace function pipi.period_key(p_period text) returns text language sql stable as $$
  select pipi.period_key(p_period, pipi.ledger_now())
$$;

-- period_start(period, key), period_end(period, key): its first moment, and the first after it; null for what never resets.
create or replace function pipi.period_start(p_period text, p_key text) returns timestamptz language sql stable as $$
  select case p_period
    when 'month' then (p_key || '-01')::timestamp at time zone 'UTC'
    when 'day' then p_key::timestamp at time zone 'UTC' end
$$;
create or replace function pipi.period_end(p_period text, p_key text) returns timestamptz language sql stable as $$
  select case p_period
    when 'month' then ((p_key || '-01')::timestamp + interval '1 month') at time zone 'UTC'
    when 'day' then (p_key::timestamp + interval '1 day') at time zone 'UTC' end
$$;

-- next_end(period, key): the end of the period after it.
create or replace function pipi.next_end(p_period text, p_key text) returns timestamptz language sql stable as $$
  select case p_period
    when 'month' then ((p_key || '-01')::timestamp + interval '2 months') at time zone 'UTC'
    when 'day' then (p_key::timestamp + interval '2 days') at time zone 'UTC' end
$$;

-- resets_at(period): when it starts anew, by the ledger's clock; null for what never resets.
create or replace function pipi.resets_at(p_period text) returns timestamptz language sql stable as $$
  select pipi.period_end(p_period, pipi.period_key(p_period))
$$;
