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

-- period_start(period, key), period_end(period, key), next_end(period, key): its first moment, the first after it, and the
-- first after the period that follows; null for what never resets.
create or replace function pipi.period_start(p_period text, p_key text) returns timestamptz language sql immutable as $$
  select case p_period
    when 'month' then make_timestamp(left(p_key, 4)::int, right(p_key, 2)::int, 1, 0, 0, 0) at time zone 'UTC'
    when 'day' then make_timestamp(left(p_key, 4)::int, substr(p_key, 6, 2)::int, right(p_key, 2)::int, 0, 0, 0) at time zone 'UTC' end
$$;
create or replace function pipi.period_end(p_period text, p_key text) returns timestamptz language sql immutable as $$
  select case p_period
    when 'month' then (make_timestamp(left(p_key, 4)::int, right(p_key, 2)::int, 1, 0, 0, 0) + interval '1 month') at time zone 'UTC'
    when 'day' then (make_timestamp(left(p_key, 4)::int, substr(p_key, 6, 2)::int, right(p_key, 2)::int, 0, 0, 0) + interval '1 day') at time zone 'UTC' end
$$;
create or replace function pipi.next_end(p_period text, p_key text) returns timestamptz language sql immutable as $$
  select case p_period
    when 'month' then (make_timestamp(left(p_key, 4)::int, right(p_key, 2)::int, 1, 0, 0, 0) + interval '2 months') at time zone 'UTC'
    when 'day' then (make_timestamp(left(p_key, 4)::int, substr(p_key, 6, 2)::int, right(p_key, 2)::int, 0, 0, 0) + interval '2 days') at time zone 'UTC' end
$$;

-- resets_at(period): when it starts anew, by the ledger's clock; null for what never resets.
create or replace function pipi.resets_at(p_period text) returns timestamptz language sql stable as $$
  select pipi.period_end(p_period, pipi.period_key(p_period))
$$;
