-- meters_now(cloud account)
-- Gives: every meter as it stands at the ledger's clock, also where its day or month is over and nobody has locked it
-- since: as if it had been begun anew. `gone` is what of `held` has passed by now; `room` and `room_next` are what may
-- still be reserved of this period and the next. Changes nothing.
create or replace function pipi.meters_now(p_cloud_account text)
returns table (meter text, scope text, title text, unit text, period text, pays text, bound text, usd_per_unit numeric, stated_limit numeric, held numeric, gone numeric,
  used numeric, standing numeric, observed numeric, reading numeric, read_at timestamptz, over boolean, room numeric, room_next numeric, resets_at timestamptz, class text)
language sql stable as $$
  select x.meter, x.scope, x.title, x.unit, x.period, x.pays, x.bound, x.usd_per_unit, x.stated_limit, x.n_held, x.n_gone, x.n_used, x.n_standing, x.n_observed,
    x.n_reading, x.n_read_at, x.n_held + x.n_used + x.n_observed > x.stated_limit or x.n_standing + x.n_observed > x.stated_limit,
    greatest(x.stated_limit - x.n_held - x.n_used - x.n_observed, 0), greatest(x.stated_limit - x.n_standing - x.n_observed, 0), x.n_ends, coalesce(x.h_class, x.bound)
  from (
    select m.*, p.ends as n_ends, case when p.due then s.held else m.held end as n_held, case when p.due then s.standing else m.standing end as n_standing, s.gone as n_gone, s.class as h_class,
      case when p.fresh then 0 else m.used end as n_used, case when p.fresh then 0 else m.observed end as n_observed,
      case when not p.fresh then m.reading end as n_reading, case when not p.fresh then m.read_at end as n_read_at
    from pipi.meters m
    cross join (select pipi.ledger_now() as at) now
    cross join lateral (select greatest(m.period_key, pipi.period_key(m.period, now.at)) as key) k
    cross join lateral (
      select m.period in ('month', 'day') and m.period_key < k.key as fresh,
        m.period in ('month', 'day') and (m.period_key < k.key or coalesce(m.earliest_end <= now.at, false)) as due,
        pipi.period_start(m.period, k.key) as starts, pipi.period_end(m.period, k.key) as ends, pipi.next_end(m.period, k.key) as next
    ) p
    cross join lateral (
      select coalesce(sum(l.part), 0) as held, coalesce(sum(pipi.next_part_of(l.amount, l.bound, m.period, l.ends_at, p.ends, p.next, l.per_hour)), 0) as standing,
        coalesce(sum(pipi.spent_of(l.part, l.bound, m.period, m.pays, l.since, l.ends_at, p.ends, l.per_hour, now.at, null, null))
          filter (where m.pays = 'credit' or (l.bound = 'proven' and m.period in ('month', 'day'))), 0) as gone,
        case max(pipi.rank_of(l.bound)) when 2 then 'unbounded' when 1 then 'watched' when 0 then 'proven' end as class
      from (
        select h.amount, h.bound, h.per_hour, a.since, a.ends_at, case when p.due then pipi.part_of(h.amount, h.bound, m.period, a.since, a.ends_at, p.ends, h.per_hour) else h.part end as part
        from pipi.holdings h
        cross join lateral (select case when p.fresh then greatest(h.since, p.starts) else h.since end as since,
          case when h.ends_at > now.at or m.pays = 'credit' then h.ends_at end as ends_at) a
        where h.cloud_account = m.cloud_account and h.meter = m.meter and h.scope = m.scope and h.state <> 'released'
      ) l
    ) s
    where m.cloud_account = p_cloud_account
  ) x
$$;
