-- refusal_of(deployment, lines, by the constraint)
-- Takes: what is asked; its meters are locked. Gives: the facts of the first refusal in the order of the lines, or
-- null. `when`: whether this period is full or only the next. `room`: how much of what is asked would fit. `others`:
-- scopes of the same meter that have room for all of it (`*`: any that was not met yet). Names other accounts'
-- workspaces to nobody.
create or replace function pipi.refusal_of(p_d pipi.deployments, p_lines jsonb, p_constraint boolean) returns jsonb language sql stable as $$
  select jsonb_build_object(
    'code', case
      when m.meter is null then 'lock.unknown-type'
      when q.bound = 'unbounded' then 'lock.unbounded'
      when q.bound = 'watched' and not c.consent_watched then 'lock.watched'
      else 'lock.over-limit' end,
    'resource', q.urn, 'type', q.type, 'meter', q.meter, 'scope', q.scope, 'because', q.because, 'class', q.bound,
    'unit', coalesce(m.unit, ''), 'title', coalesce(m.title, ''), 'period', coalesce(m.period, ''), 'when', case when q.part > r.now then 'now' else 'next' end,
    'limit', coalesce(m.stated_limit, 0), 'held', coalesce(case when q.part > r.now then m.held + m.used + m.observed else m.standing + m.observed end, 0),
    'observed', coalesce(m.observed, 0), 'asked', q.more,
    'room', trunc(greatest(coalesce(least(q.more, r.now * q.more / nullif(q.part, 0), r.next * q.more / nullif(q.next, 0)), 0), 0), 9),
    'engine', p_d.engine, 'cloudAccount', p_d.cloud_account, 'resets', pipi.iso(m.ends), 'ends', q.ends_at is not null, 'usdPerUnit', m.usd_per_unit,
    'most', (select d.manifest #> '{budget,usdPerMonth}' from pipi.deployments d where d.id = p_d.id),
    'money', (select jsonb_object_agg(u.pays, jsonb_build_object('limit', u.stated_limit, 'left', greatest(u.stated_limit - greatest(u.held + u.used, u.standing), 0)))
      from pipi.meters u where u.cloud_account = p_d.cloud_account and u.pays <> 'free'),
    'others', (select coalesce(jsonb_agg(jsonb_build_object('scope', o.scope, 'room', o.room) order by o.room desc, o.scope), '[]') from (
      select o.scope, least(o.stated_limit - o.held - o.used - o.observed, o.stated_limit - o.standing - o.observed) as room
      from pipi.meters o where o.cloud_account = p_d.cloud_account and o.meter = q.meter and o.scope not in (q.scope, '') and q.scope <> ''
      ) o where o.room >= q.more),
    'holders', pipi.holders_of(p_d.cloud_account, q.meter, q.scope, p_d.account))
  from (
    select a.line, a.urn, a.type, a.meter, a.scope, a.asked, a.bound, a.because, a.ends_at, a.more > 0 or a.stretch as wants,
      sum(a.more) over w as more, sum(a.part + a.stretch_part) over w as part, sum(a.next + a.stretch_next) over w as next
    from pipi.asked_of(p_d, p_lines) a window w as (partition by a.meter, a.scope)
  ) q
  join pipi.cloud_accounts c on c.id = p_d.cloud_account
  left join pipi.meters m on m.cloud_account = p_d.cloud_account and m.meter = q.meter and m.scope = q.scope
  cross join lateral (select m.stated_limit - m.held - m.used - m.observed as now, m.stated_limit - m.standing - m.observed as next) r
  where (m.meter is null and q.asked > 0)
    or q.bound = 'unbounded'
    or (q.bound = 'watched' and not c.consent_watched and q.asked > 0)
    or (q.wants and (q.part > r.now or q.next > r.next))
    or (p_constraint and q.wants and (m.held + m.used + q.part > m.limit_amount or m.standing + q.next > m.limit_amount))
  order by q.line, q.meter, q.scope limit 1
$$;
