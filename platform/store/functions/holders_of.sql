-- holders_of(cloud account, meter, scope, account)
-- Gives: [{workspace, resource, amount, part, class, endsAt, paid}], largest first, at most 50: who holds it, as that
-- account may see it; what money pays beyond the meter's limit has `paid`. Of a money meter itself amounts are in USD. What other accounts hold is one sum, named
-- "another account".
create or replace function pipi.holders_of(p_cloud_account text, p_meter text, p_scope text, p_account text) returns jsonb language sql stable as $$
  select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('workspace', t.workspace, 'resource', t.resource, 'amount', t.amount, 'part', t.part,
    'class', t.class, 'endsAt', pipi.iso(t.ends_at), 'paid', t.paid)) order by t.amount desc, t.workspace, t.resource), '[]')
  from (
    select case when h.account = p_account then w.name else 'another account' end as workspace,
      case when h.account = p_account then regexp_replace(h.urn, '^.*::', '') else '' end as resource,
      sum(h.counts) as amount, sum(h.part) filter (where h.meter = p_meter) as part,
      case max(pipi.rank_of(h.bound)) when 2 then 'unbounded' when 1 then 'watched' else 'proven' end as class,
      case when count(*) = count(h.ends_at) then max(h.ends_at) end as ends_at,
      nullif(sum(h.pays_amount) filter (where h.meter <> p_meter), 0) as paid
    from (
      select o.*, o.amount as counts from pipi.holdings o where o.cloud_account = p_cloud_account and o.meter = p_meter and o.scope = p_scope and o.state <> 'released'
      union all
      select o.*, o.pays_amount from pipi.holdings o where o.cloud_account = p_cloud_account and o.pays_meter = p_meter and o.pays_scope = p_scope and o.state <> 'released'
    ) h join pipi.workspaces w on w.id = h.workspace
    group by 1, 2
    having sum(h.counts) > 0
    order by 3 desc, 1, 2 limit 50
  ) t
$$;
