-- refusal_of(deployment, lines, by the constraint)
-- Takes: what is asked; its meters are locked. Gives: the facts of the first refusal in the order of the lines, or
-- null. Names other accounts' workspaces to nobody.
create or replace function pipi.refusal_of(p_d pipi.deployments, p_lines jsonb, p_constraint boolean) returns jsonb language sql stable as $$
  select jsonb_build_object(
    'code', case
      when m.meter is null then 'lock.unknown-type'
      when q.bound = 'unbounded' then 'lock.unbounded'
      when q.bound = 'watched' and not c.consent_watched then 'lock.watched'
      else 'lock.over-limit' end,
    'resource', q.urn, 'type', q.type, 'meter', q.meter, 'scope', q.scope, 'because', coalesce(q.because, ''),
    'unit', coalesce(m.unit, ''), 'title', coalesce(m.title, ''), 'period', coalesce(m.period, ''),
    'limit', coalesce(m.stated_limit, 0), 'held', coalesce(m.held + m.used + m.observed, 0), 'asked', q.more,
    'room', greatest(coalesce(m.stated_limit - m.held - m.used - m.observed, 0), 0), 'cloudAccount', p_d.cloud_account,
    'resets', pipi.resets_at(m.period),
    'holders', pipi.holders_of(p_d.cloud_account, q.meter, q.scope, p_d.account))
  from (
    select a.*, sum(greatest(a.asked - a.held, 0)) over (partition by a.meter, a.scope) as more from pipi.asked_of(p_d, p_lines) a
  ) q
  join pipi.cloud_accounts c on c.id = p_d.cloud_account
  left join pipi.meters m on m.cloud_account = p_d.cloud_account and m.meter = q.meter and m.scope = q.scope
  where (m.meter is null and q.asked > 0)
    or q.bound = 'unbounded'
    or (q.bound = 'watched' and not c.consent_watched and q.asked > 0)
    or (q.asked > q.held and q.more > m.stated_limit - m.held - m.used - m.observed)
    or (p_constraint and q.asked > q.held and m.held + m.used + q.more > m.limit_amount)
  order by q.line, q.meter, q.scope limit 1
$$;
