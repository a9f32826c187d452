-- target_of(deployment, [{urn, type, id, amounts}])
-- Takes: what a workspace really has now. Gives: one row per URN and meter: what it is to hold (`amount`) and what it
-- holds (`before`). For a URN with an open intent that is never less than before, and uncertain. What no meter counts
-- is left out.
create or replace function pipi.target_of(p_d pipi.deployments, p_resources jsonb)
returns table (urn text, type text, cloud_id text, meter text, scope text, amount numeric, before numeric, bound text, because text, uncertain boolean)
language sql stable as $$
  with wanted as (
    select r.value ->> 'urn' as urn, min(r.value ->> 'type') as type, min(r.value ->> 'id') as cloud_id, a.value ->> 'meter' as meter, a.value ->> 'scope' as scope,
      sum((a.value ->> 'amount')::numeric) as amount, max(a.value ->> 'bound') as bound, min(a.value ->> 'because') as because
    from jsonb_array_elements(p_resources) r, jsonb_array_elements(coalesce(r.value -> 'amounts', '[]')) a
    group by r.value ->> 'urn', a.value ->> 'meter', a.value ->> 'scope'
  ), holding as (
    select h.urn, min(h.type) as type, min(h.cloud_id) as cloud_id, h.meter, h.scope, sum(h.amount) as amount, max(h.bound) as bound, min(h.because) as because,
      exists (select from pipi.intents i where i.workspace = p_d.workspace and i.urn = h.urn and i.ended_at is null) as open
    from pipi.holdings h where h.workspace = p_d.workspace and h.cloud_account = p_d.cloud_account and h.state <> 'released'
    group by h.urn, h.meter, h.scope
  )
  select coalesce(w.urn, h.urn), coalesce(w.type, h.type), coalesce(w.cloud_id, h.cloud_id), coalesce(w.meter, h.meter), coalesce(w.scope, h.scope),
    case when coalesce(h.open, false) then greatest(coalesce(w.amount, 0), h.amount) else coalesce(w.amount, 0) end,
    coalesce(h.amount, 0), coalesce(w.bound, h.bound), coalesce(w.because, h.because, ''), coalesce(h.open, false)
  from wanted w full join holding h on w.urn = h.urn and w.meter = h.meter and w.scope = h.scope
  join pipi.meters m on m.cloud_account = p_d.cloud_account and m.meter = coalesce(w.meter, h.meter) and m.scope = coalesce(w.scope, h.scope)
$$;
