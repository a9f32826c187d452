-- The arithmetic of one holding (docs/adr/0006-what-the-ledger-counts.md). Cut to 12 digits, never rounded up: what a
-- period takes is never more than was granted for it.

-- part_of(amount, class, period, since, ends, period's end, per hour): what the running period takes of it. What is only
-- watched may come all at once, but for what it can take in an hour: no more than that for each hour that is left.
drop function if exists pipi.part_of(numeric, text, text, timestamptz, timestamptz, timestamptz);
create or replace function pipi.part_of(p_amount numeric, p_bound text, p_period text, p_since timestamptz, p_ends timestamptz, p_period_end timestamptz,
  p_per_hour numeric)
returns numeric language sql immutable as $$
  select case when p_period not in ('month', 'day') then p_amount
    when p_bound = 'proven' then trunc(p_amount * greatest(extract(epoch from least(p_ends, p_period_end) - p_since), 0) / pipi.longest(p_period), 12)
    else least(p_amount, trunc(p_per_hour * greatest(extract(epoch from least(p_ends, p_period_end) - p_since), 0) / 3600, 12)) end
$$;

-- next_part_of(amount, class, period, ends, period's end, next one's end, per hour): what it will take of the period after it.
drop function if exists pipi.next_part_of(numeric, text, text, timestamptz, timestamptz, timestamptz);
create or replace function pipi.next_part_of(p_amount numeric, p_bound text, p_period text, p_ends timestamptz, p_period_end timestamptz, p_next_end timestamptz,
  p_per_hour numeric)
returns numeric language sql immutable as $$
  select case
    when p_period not in ('month', 'day') or p_ends is null or p_ends >= p_next_end then p_amount
    when p_ends <= p_period_end then 0
    else pipi.part_of(p_amount, p_bound, p_period, p_period_end, p_ends, p_next_end, p_per_hour) end
$$;

-- spent_of(part, class, period, pays, since, ends, period's end, per hour, at, reading, up to): what of its part it has
-- used at most by then. A reading tells of the time up to `up to`; afterwards, or without one, the most per hour does.
create or replace function pipi.spent_of(p_part numeric, p_bound text, p_period text, p_pays text, p_since timestamptz, p_ends timestamptz,
  p_period_end timestamptz, p_per_hour numeric, p_at timestamptz, p_reading numeric, p_read_at timestamptz)
returns numeric language sql immutable as $$
  select case
    when p_period = 'concurrent' then 0
    when p_pays = 'credit' or (p_bound = 'proven' and p_period in ('month', 'day')) then
      coalesce(least(p_part, trunc(p_part * greatest(extract(epoch from p_at - p_since), 0)
        / nullif(extract(epoch from least(p_ends, p_period_end) - p_since), 0), 12)), p_part)
    when p_period = 'lifetime' then p_part
    when p_read_at >= p_at then least(p_part, p_reading)
    when p_per_hour is not null then
      least(p_part, coalesce(p_reading, 0) + p_per_hour * greatest(extract(epoch from p_at - greatest(p_since, p_read_at)), 0) / 3600)
    else p_part end
$$;

-- longest(period): seconds of the longest of its kind.
create or replace function pipi.longest(p_period text) returns numeric language sql immutable as $$
  select case p_period when 'month' then 31 * 86400.0 when 'day' then 86400.0 end
$$;

-- rank_of(class): 0 proven, 1 watched, 2 unbounded.
create or replace function pipi.rank_of(p_bound text) returns int language sql immutable as $$
  select case p_bound when 'proven' then 0 when 'watched' then 1 else 2 end
$$;
