-- asked_of(deployment, [{urn, type, amounts, replacing}])
-- Takes: the lines of a reservation. Gives: one row per URN and meter: what is asked, what the workspace holds for it
-- already (what is paid for included), and how much more that is: of a whole period (`more`), of the running one
-- (`part`) and of the next (`next`). Where an end moves further away, what is held already takes more of them
-- (`stretch`). With `replacing` old and new stand side by side, so that only what was reserved for the new one is held.
create or replace function pipi.asked_of(p_d pipi.deployments, p_lines jsonb)
returns table (line bigint, urn text, type text, meter text, scope text, asked numeric, held numeric, more numeric, part numeric, next numeric,
  stretch boolean, stretch_part numeric, stretch_next numeric, bound text, per_hour numeric, because text, since timestamptz, ends_at timestamptz)
language sql stable as $$
  select a.line, a.urn, a.type, a.meter, a.scope, a.asked, h.held, greatest(a.asked - h.held, 0),
    pipi.part_of(greatest(a.asked - h.held, 0), a.bound, m.period, p.since, w.ends_at, p.ends, a.per_hour * greatest(a.asked - h.held, 0) / nullif(a.asked, 0)),
    pipi.next_part_of(greatest(a.asked - h.held, 0), a.bound, m.period, w.ends_at, p.ends, p.next, a.per_hour * greatest(a.asked - h.held, 0) / nullif(a.asked, 0)),
    h.stretch, h.stretch_part, h.stretch_next, a.bound, a.per_hour * greatest(a.asked - h.held, 0) / nullif(a.asked, 0), coalesce(a.because, ''), p.since, w.ends_at
  from (
    select min(l.n) as line, l.line ->> 'urn' as urn, min(l.line ->> 'type') as type, bool_or(coalesce((l.line ->> 'replacing')::boolean, false)) as replacing,
      a.value ->> 'meter' as meter, a.value ->> 'scope' as scope, sum((a.value ->> 'amount')::numeric) as asked,
      case max(pipi.rank_of(a.value ->> 'bound')) when 2 then 'unbounded' when 1 then 'watched' else 'proven' end as bound,
      case when count(*) = count(a.value ->> 'perHour') then sum((a.value ->> 'perHour')::numeric) end as per_hour,
      string_agg(a.value ->> 'because', ' + ') as because
    from jsonb_array_elements(p_lines) with ordinality as l(line, n), jsonb_array_elements(l.line -> 'amounts') a
    group by l.line ->> 'urn', a.value ->> 'meter', a.value ->> 'scope'
  ) a
  cross join (select pipi.end_of(p_d) as ends_at offset 0) w
  left join pipi.meters m on m.cloud_account = p_d.cloud_account and m.meter = a.meter and m.scope = a.scope
  cross join lateral (select pipi.moment_in(m.starts, m.ends) as since, m.ends as ends,
    m.next_ends as next) p
  cross join lateral (
    select coalesce(sum(coalesce(o.pays_amount, o.amount)), 0) as held, coalesce(bool_or(o.longer), false) as stretch,
      coalesce(sum(pipi.part_of(o.amount, o.bound, m.period, o.since, w.ends_at, p.ends, o.per_hour) - o.part) filter (where o.longer), 0) as stretch_part,
      coalesce(sum(pipi.next_part_of(o.amount, o.bound, m.period, w.ends_at, p.ends, p.next, o.per_hour)
        - pipi.next_part_of(o.amount, o.bound, m.period, o.ends_at, p.ends, p.next, o.per_hour)) filter (where o.longer), 0) as stretch_next
    from (
      select h.*, coalesce(h.ends_at < coalesce(w.ends_at, 'infinity'), false) as longer from pipi.holdings h
      where h.workspace = p_d.workspace and h.urn = a.urn and h.released_at is null and h.cloud_account = p_d.cloud_account
    ) o
    where coalesce(o.pays_meter, o.meter) = a.meter and coalesce(o.pays_scope, o.scope) = a.scope
      -- What was bounded better does not cover what is bounded worse, and what money pays only until it was paid for.
      and pipi.rank_of(o.bound) >= pipi.rank_of(a.bound) and not (o.pays_meter is not null and o.longer)
      and not (a.replacing and o.existed)
  ) h
$$;
