-- asked_of(deployment, [{urn, type, amounts}])
-- Takes: the lines of a reservation. Gives: one row per URN and meter: what is asked, and what the workspace holds for
-- it already.
create or replace function pipi.asked_of(p_d pipi.deployments, p_lines jsonb)
returns table (line bigint, urn text, type text, meter text, scope text, asked numeric, held numeric, bound text, because text)
language sql stable as $$
  select a.line, a.urn, a.type, a.meter, a.scope, a.asked, coalesce(h.held, 0), a.bound, a.because
  from (
    select min(l.n) as line, l.line ->> 'urn' as urn, min(l.line ->> 'type') as type, a.value ->> 'meter' as meter, a.value ->> 'scope' as scope,
      sum((a.value ->> 'amount')::numeric) as asked,
      case when bool_or(a.value ->> 'bound' = 'unbounded') then 'unbounded' when bool_or(a.value ->> 'bound' = 'watched') then 'watched' else 'proven' end as bound,
      string_agg(a.value ->> 'because', ' + ') as because
    from jsonb_array_elements(p_lines) with ordinality as l(line, n), jsonb_array_elements(l.line -> 'amounts') a
    group by l.line ->> 'urn', a.value ->> 'meter', a.value ->> 'scope'
  ) a
  left join (
    select h.urn, h.meter, h.scope, sum(h.amount) as held from pipi.holdings h
    where h.workspace = p_d.workspace and h.cloud_account = p_d.cloud_account and h.state <> 'released' group by 1, 2, 3
  ) h on h.urn = a.urn and h.meter = a.meter and h.scope = a.scope
$$;
