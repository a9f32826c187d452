-- at_least_held(deployment, [{urn, type, id, amounts, keep}])
-- Takes: what a workspace really has now. Gives: the same, where a resource with `keep` takes no less than what is held
-- for it already (what was only reserved apart).
-- Guarantees: what runs is never given back because nobody can say now what it takes, or because a deployment that
-- came to nothing expected less of it.
create or replace function pipi.at_least_held(p_d pipi.deployments, p_resources jsonb) returns jsonb language sql stable as $$
  select coalesce(jsonb_agg(
    case when coalesce((r.value ->> 'keep')::boolean, false) then r.value || jsonb_build_object('amounts', (
      select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('meter', coalesce(a.meter, h.meter), 'scope', coalesce(a.scope, h.scope),
        'amount', greatest(coalesce(a.amount, 0), coalesce(h.amount, 0)), 'bound', coalesce(a.bound, h.bound), 'perHour', coalesce(a.per_hour, h.per_hour),
        'because', coalesce(a.because, h.because)))), '[]')
      from (
        select x.meter, x.scope, sum(x.amount) as amount, case max(pipi.rank_of(x.bound)) when 2 then 'unbounded' when 1 then 'watched' else 'proven' end as bound,
          case when count(*) = count(x."perHour") then sum(x."perHour") end as per_hour, min(x.because) as because
        from jsonb_to_recordset(coalesce(r.value -> 'amounts', '[]')) as x(meter text, scope text, amount numeric, bound text, "perHour" numeric, because text) group by 1, 2
      ) a full join (
        select coalesce(h.pays_meter, h.meter) as meter, coalesce(h.pays_scope, h.scope) as scope, sum(coalesce(h.pays_amount, h.amount)) as amount,
          case max(pipi.rank_of(h.bound)) when 2 then 'unbounded' when 1 then 'watched' else 'proven' end as bound,
          case when count(*) = count(h.per_hour) filter (where h.pays_meter is null) then sum(h.per_hour) end as per_hour, min(h.because) as because
        from pipi.holdings h
        -- Two incarnations of one URN: what is held counts once.
        where r.turn = 1 and h.workspace = p_d.workspace and h.cloud_account = p_d.cloud_account and h.urn = r.value ->> 'urn'
          and h.state in ('committed', 'uncertain') group by 1, 2
      ) h on h.meter = a.meter and h.scope = a.scope))
    else r.value end order by r.n), '[]')
  from (
    select e.value, e.n, row_number() over (partition by e.value ->> 'urn' order by e.n) as turn
    from jsonb_array_elements(p_resources) with ordinality as e(value, n)
  ) r
$$;
