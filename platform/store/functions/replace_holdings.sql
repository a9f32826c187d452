-- replace_holdings(deployment, [{urn, type, id, amounts}])
-- Takes: what a workspace really has now. Guarantees: afterwards it holds exactly that, committed; beside it, for every
-- URN with an open intent, no less than it held before, as uncertain. What of a lifetime meter is given back counts as
-- used. What exists beyond a limit is held all the same (the limit of the CHECK stands at it), and the meter is over.
create or replace function pipi.replace_holdings(p_d pipi.deployments, p_resources jsonb) returns void language plpgsql as $$
declare
  v_target jsonb;
  v_over jsonb;
begin
  perform pipi.lock_meters(p_d.cloud_account, (
    select coalesce(jsonb_agg(jsonb_build_object('meter', k.meter, 'scope', k.scope)), '[]') from (
      select a ->> 'meter' as meter, a ->> 'scope' as scope from jsonb_path_query(p_resources, '$[*].amounts[*]') a
      union select meter, scope from pipi.holdings where workspace = p_d.workspace and cloud_account = p_d.cloud_account and state <> 'released') k));
  select coalesce(jsonb_agg(to_jsonb(t)), '[]') into v_target from pipi.target_of(p_d, p_resources) t;

  update pipi.holdings set state = 'released', released_at = clock_timestamp()
    where workspace = p_d.workspace and cloud_account = p_d.cloud_account and state <> 'released';
  insert into pipi.holdings (cloud_account, meter, scope, account, workspace, deployment, urn, type, cloud_id, amount, bound, because, state)
  select p_d.cloud_account, t.meter, t.scope, p_d.account, p_d.workspace, p_d.id, t.urn, t.type, t.cloud_id, t.amount, t.bound, t.because,
    case when t.uncertain then 'uncertain' else 'committed' end
  from jsonb_to_recordset(v_target) as t(urn text, type text, cloud_id text, meter text, scope text, amount numeric, bound text, because text, uncertain boolean)
  where t.amount > 0;

  update pipi.meters m set
    held = m.held + s.more,
    used = m.used + s.spent,
    limit_amount = greatest(m.limit_amount, m.held + s.more + m.used + s.spent)
  from (
    select t.meter, t.scope, sum(t.amount - t.before) as more,
      case when k.period = 'lifetime' then sum(greatest(t.before - t.amount, 0)) else 0 end as spent
    from jsonb_to_recordset(v_target) as t(meter text, scope text, amount numeric, before numeric)
    join pipi.meters k on k.cloud_account = p_d.cloud_account and k.meter = t.meter and k.scope = t.scope
    group by t.meter, t.scope, k.period
  ) s
  where m.cloud_account = p_d.cloud_account and m.meter = s.meter and m.scope = s.scope and (s.more <> 0 or s.spent <> 0);

  select jsonb_agg(jsonb_build_object('meter', m.meter, 'scope', m.scope, 'limit', m.stated_limit, 'held', m.held)) into v_over
  from pipi.meters m
  where m.cloud_account = p_d.cloud_account and m.over and exists (
    select from jsonb_to_recordset(v_target) as t(meter text, scope text, amount numeric, before numeric)
    where t.meter = m.meter and t.scope = m.scope and t.amount > t.before);
  if v_over is not null then
    perform pipi.write_journal(p_d.account, p_d.workspace, p_d.id, 'ledger', 'meter.over',
      jsonb_build_object('cloudAccount', p_d.cloud_account, 'meters', v_over));
  end if;
end $$;
