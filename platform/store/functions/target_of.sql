-- target_of(deployment, [{urn, type, id, amounts}], ends)
-- Takes: what a workspace really has now, and by when it is promised to be gone. Gives: one row per live holding, and one
-- without an id for what is held by none: how much of it is to be kept (`kept` of `weight`, in the unit of the meter that
-- it is for), as what (`new_…`), and what of its part the rest has used (`spent`).
-- Guarantees: for a URN with an open intent no less than before is kept, as uncertain. Kept first is what is classed as
-- it really is, then what belongs to what exists, then what is free. What no meter counts is left out.
create or replace function pipi.target_of(p_d pipi.deployments, p_resources jsonb, p_ends timestamptz)
returns table (id bigint, urn text, type text, meter text, scope text, weight numeric, kept numeric, spent numeric,
  new_amount numeric, new_cloud_id text, new_bound text, new_per_hour numeric, new_ends timestamptz, new_part numeric, new_next numeric, old_part numeric, old_next numeric,
  because text, uncertain boolean, really boolean, at timestamptz)
language sql stable as $$
  with wanted as (
    select r.value ->> 'urn' as urn, min(r.value ->> 'type') as type, min(r.value ->> 'id') as cloud_id, a.value ->> 'meter' as meter, a.value ->> 'scope' as scope,
      sum((a.value ->> 'amount')::numeric) as amount, min(a.value ->> 'because') as because,
      case max(pipi.rank_of(a.value ->> 'bound')) when 2 then 'unbounded' when 1 then 'watched' else 'proven' end as bound,
      case when count(*) = count(a.value ->> 'perHour') then sum((a.value ->> 'perHour')::numeric) end as per_hour
    from jsonb_array_elements(p_resources) r, jsonb_array_elements(coalesce(r.value -> 'amounts', '[]')) a
    group by r.value ->> 'urn', a.value ->> 'meter', a.value ->> 'scope'
  ), holding as (
    select h.*, coalesce(h.pays_meter, h.meter) as for_meter, coalesce(h.pays_scope, h.scope) as for_scope, coalesce(h.pays_amount, h.amount) as weight,
      exists (select from pipi.intents i where i.workspace = h.workspace and i.urn = h.urn and i.ended_at is null) as open,
      h.existed or exists (select from pipi.intents i where i.workspace = h.workspace and i.urn = h.urn and i.began_at >= h.made_at
        and i.operation <> 'delete' and (i.ended_at is null or i.outcome in ('done', 'adopted') or i.outcome_id is not null)) as began
    from pipi.holdings h where h.workspace = p_d.workspace and h.cloud_account = p_d.cloud_account and h.released_at is null
  ), turned as (
    select h.*, w.urn is not null as wanted, w.cloud_id as w_cloud_id, w.bound as w_bound, w.per_hour * h.weight / nullif(w.amount, 0) as w_per_hour,
      least(h.weight, greatest(case when h.open then greatest(coalesce(w.amount, 0), sum(h.weight) over (partition by h.urn, h.for_meter, h.for_scope)) else coalesce(w.amount, 0) end
        - coalesce(sum(h.weight) over (partition by h.urn, h.for_meter, h.for_scope
          order by (h.pays_meter is null and h.bound <> w.bound)::int, case when h.cloud_id = w.cloud_id then 0 when h.cloud_id is null then 1 else 2 end, (h.pays_meter is not null)::int, h.id
          rows between unbounded preceding and 1 preceding), 0), 0)) as kept
    from holding h left join wanted w on w.urn = h.urn and w.meter = h.for_meter and w.scope = h.for_scope
  ), changed as (
    select t.*, m.period, m.pays, pipi.moment_in(m.starts, m.ends) as at, m.ends as period_end, m.next_ends as next_end,
      case when t.kept = t.weight then t.amount when t.pays_meter is null then t.kept else trunc(t.amount * t.kept / t.weight, 12) end as n_amount,
      case when t.wanted and not t.open and t.pays_meter is null then t.w_bound else t.bound end as n_bound,
      case when not t.wanted or t.open or t.pays_meter is not null then t.per_hour else greatest(t.per_hour, t.w_per_hour) + 0 * t.w_per_hour end as n_per_hour,
      -- What a credit pays was paid for until its end.
      case when m.pays = 'credit' then t.ends_at else least(t.ends_at, p_ends) end as n_ends,
      r.amount as reading, r.read_at
    from turned t
    join pipi.meters m on m.cloud_account = t.cloud_account and m.meter = t.meter and m.scope = t.scope
    left join pipi.readings r on r.cloud_account = t.cloud_account and r.meter = t.meter and r.scope = t.scope and r.resource = t.cloud_id
      and r.period_key = m.period_key and m.period in ('month', 'day')
  )
  select c.id, c.urn, c.type, c.meter, c.scope, c.weight, c.kept,
    case when c.kept = c.weight then 0
      when not c.began and c.period <> 'lifetime' or c.period = 'concurrent' then 0
      else pipi.spent_of(c.part - trunc(c.part * c.kept / c.weight, 12), c.bound, c.period, c.pays, c.since, c.ends_at, c.period_end, c.per_hour, c.at, c.reading, c.read_at) end,
    c.n_amount, coalesce(c.w_cloud_id, c.cloud_id), c.n_bound, c.n_per_hour * c.kept / c.weight, c.n_ends,
    case
      when c.n_bound <> c.bound or c.n_per_hour is distinct from c.per_hour then greatest(trunc(c.part * c.kept / c.weight, 12), pipi.part_of(c.n_amount, c.n_bound, c.period, c.since, c.n_ends, c.period_end, c.n_per_hour * c.kept / c.weight))
      when c.n_ends is distinct from c.ends_at then pipi.part_of(c.n_amount, c.bound, c.period, c.since, c.n_ends, c.period_end, c.n_per_hour * c.kept / c.weight)
      when c.kept = c.weight then c.part
      else trunc(c.part * c.kept / c.weight, 12) end,
    pipi.next_part_of(c.n_amount, c.n_bound, c.period, c.n_ends, c.period_end, c.next_end, c.n_per_hour * c.kept / c.weight),
    c.part, pipi.next_part_of(c.amount, c.bound, c.period, c.ends_at, c.period_end, c.next_end, c.per_hour), c.because, c.open, c.existed or c.wanted, c.at
  from changed c
  union all
  select null, w.urn, w.type, w.meter, w.scope, w.amount, w.amount - k.kept, 0, w.amount - k.kept, w.cloud_id, w.bound, w.per_hour * (w.amount - k.kept) / w.amount, p_ends,
    pipi.part_of(w.amount - k.kept, w.bound, m.period, n.at, p_ends, m.ends, w.per_hour * (w.amount - k.kept) / w.amount),
    pipi.next_part_of(w.amount - k.kept, w.bound, m.period, p_ends, m.ends, m.next_ends, w.per_hour * (w.amount - k.kept) / w.amount),
    0, 0, coalesce(w.because, ''), false, true, n.at
  from wanted w
  join pipi.meters m on m.cloud_account = p_d.cloud_account and m.meter = w.meter and m.scope = w.scope
  cross join lateral (select pipi.moment_in(m.starts, m.ends) as at) n
  cross join lateral (select coalesce(sum(t.kept), 0) as kept from turned t where t.urn = w.urn and t.for_meter = w.meter and t.for_scope = w.scope) k
  where w.amount > k.kept
$$;
