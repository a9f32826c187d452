-- holders_of(cloud account, meter, scope, account)
-- Gives: [{workspace, resource, amount}], largest first: who holds it, as that account may see it. What other accounts
-- hold is one sum, named "another account".
create or replace function pipi.holders_of(p_cloud_account text, p_meter text, p_scope text, p_account text) returns jsonb language sql stable as $$
  select coalesce(jsonb_agg(jsonb_build_object('workspace', t.workspace, 'resource', t.resource, 'amount', t.amount) order by t.amount desc, t.workspace, t.resource), '[]')
  from (
    select case when h.account = p_account then w.name else 'another account' end as workspace,
      case when h.account = p_account then regexp_replace(h.urn, '^.*::', '') else '' end as resource,
      sum(h.amount) as amount
    from pipi.holdings h join pipi.workspaces w on w.id = h.workspace
    where h.cloud_account = p_cloud_account and h.meter = p_meter and h.scope = p_scope and h.state <> 'released'
    group by 1, 2
    having sum(h.amount) > 0
  ) t
$$;
