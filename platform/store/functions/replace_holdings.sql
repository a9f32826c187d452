-- replace_holdings(deployment, [{urn, type, id, amounts}], ends)
-- Takes: what a workspace really has now. Guarantees: afterwards it holds exactly that, committed; beside it, for every
-- URN with an open intent, no less than it held before, as uncertain. What was held already and still is keeps its row,
-- so that it counts from when it began. What is given back counts as used as far as it was. What exists beyond a limit
-- is held all the same (the limit of the CHECKs stands at it), and the meter is over.
create or replace function pipi.replace_holdings(p_d pipi.deployments, p_resources jsonb, p_ends timestamptz default null) returns void language plpgsql as $$
begin
  perform pipi.lock_meters(p_d.cloud_account, (
    select coalesce(jsonb_agg(jsonb_build_object('meter', k.meter, 'scope', k.scope)), '[]') from (
      select a ->> 'meter' as meter, a ->> 'scope' as scope from jsonb_path_query(p_resources, '$[*].amounts[*]') a
      union select meter, scope from pipi.holdings where workspace = p_d.workspace and cloud_account = p_d.cloud_account and released_at is null) k));
  with target as materialized (
    select * from pipi.target_of(p_d, p_resources, p_ends)
  ), kept as (
    update pipi.holdings h set state = case when t.uncertain then 'uncertain' else 'committed' end, cloud_id = t.new_cloud_id, bound = t.new_bound,
      per_hour = t.new_per_hour, ends_at = t.new_ends, part = t.new_part, existed = t.really
    from target t where h.id = t.id and t.kept = t.weight
      and (h.state, h.cloud_id, h.bound, h.per_hour, h.ends_at, h.part, h.existed) is distinct from
        (case when t.uncertain then 'uncertain' else 'committed' end, t.new_cloud_id, t.new_bound, t.new_per_hour, t.new_ends, t.new_part, t.really)
  ), released as (
    update pipi.holdings h set state = 'released', released_at = t.at, part = t.spent
    from target t where h.id = t.id and t.kept < t.weight
  ), rest as (
    -- What is left of a holding that shrank goes on from when it began.
    insert into pipi.holdings (cloud_account, meter, scope, account, workspace, deployment, urn, type, cloud_id, amount, part, since, ends_at, bound, per_hour,
      because, state, existed, made_at, pays_meter, pays_scope, pays_amount)
    select h.cloud_account, h.meter, h.scope, h.account, h.workspace, h.deployment, h.urn, h.type, t.new_cloud_id, t.new_amount, t.new_part, h.since,
      t.new_ends, t.new_bound, t.new_per_hour, h.because, case when t.uncertain then 'uncertain' else 'committed' end, t.really, h.made_at,
      h.pays_meter, h.pays_scope, case when h.pays_meter is not null then t.kept end
    from target t join pipi.holdings h on h.id = t.id where t.kept > 0 and t.kept < t.weight
  ), made as (
    insert into pipi.holdings (cloud_account, meter, scope, account, workspace, deployment, urn, type, cloud_id, amount, part, since, ends_at, bound, per_hour,
      because, state, existed)
    select p_d.cloud_account, t.meter, t.scope, p_d.account, p_d.workspace, p_d.id, t.urn, t.type, t.new_cloud_id, t.kept, t.new_part, t.at,
      t.new_ends, t.new_bound, t.new_per_hour, t.because, 'committed', true
    from target t where t.id is null
  )
  update pipi.meters m set
    held = m.held + s.part, used = m.used + s.spent, standing = m.standing + s.next,
    earliest_end = case when m.period in ('month', 'day') or m.pays = 'credit' then least(m.earliest_end, s.ends_at) end,
    limit_amount = greatest(m.limit_amount, m.held + s.part + m.used + s.spent, m.standing + s.next)
  from (
    select t.meter, t.scope, sum(t.new_part - t.old_part) as part, sum(t.spent) as spent, sum(t.new_next - t.old_next) as next,
      min(t.new_ends) filter (where t.kept > 0) as ends_at
    from target t group by t.meter, t.scope
  ) s
  where m.cloud_account = p_d.cloud_account and m.meter = s.meter and m.scope = s.scope and (s.part <> 0 or s.spent <> 0 or s.next <> 0 or s.ends_at < m.earliest_end);
end $$;
