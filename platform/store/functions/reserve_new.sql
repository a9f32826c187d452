-- reserve_new(deployment, lines, consent to watched)
-- The common way of a reservation: the workspace holds nothing for these URNs yet, no period has to begin, and all of it
-- is free. Gives: whether that was so and all of it is reserved; if not, the caller undoes what was written.
-- Guarantees: the meters are locked last and in one order, so that who waits for one waits for a commit and no more. What
-- the holdings were made for is checked again under the lock: the period, and the room in it and in the next.
-- Many small statements on purpose: each is a look-up by key, and one large one takes several times as long to start.
create or replace function pipi.reserve_new(p_d pipi.deployments, p_lines jsonb, p_consent boolean) returns boolean language plpgsql as $$
declare
  v_now timestamptz := pipi.ledger_now();
  v_ends timestamptz;
  v_line jsonb;
  v_urn text;
  v_urns text[] := '{}';
  v_a jsonb;
  v_meter text;
  v_scope text;
  v_bound text;
  v_amount numeric;
  v_per_hour numeric;
  v_part numeric;
  v_next numeric;
  v_m record;
  v_needs text[] := '{}';
  v_parts numeric[] := '{}';
  v_nexts numeric[] := '{}';
begin
  if p_d.ends_at is not null or p_d.kind <> 'deploy' then v_ends := pipi.end_of(p_d); end if;
  for i in 0..jsonb_array_length(p_lines) - 1 loop
    v_line := p_lines -> i;
    v_urn := v_line ->> 'urn';
    -- Twice in one request counts once, which is not the common way.
    if v_urn = any (v_urns) or exists (select from pipi.holdings h where h.workspace = p_d.workspace and h.urn = v_urn and h.released_at is null) then return false; end if;
    v_urns := v_urns || v_urn;
    for j in 0..jsonb_array_length(v_line -> 'amounts') - 1 loop
      v_a := v_line -> 'amounts' -> j;
      v_meter := v_a ->> 'meter';
      v_scope := v_a ->> 'scope';
      v_bound := v_a ->> 'bound';
      v_amount := v_a ->> 'amount';
      v_per_hour := v_a ->> 'perHour';
      continue when v_amount = 0 and v_bound <> 'unbounded';
      select m.period, m.period_key, m.starts, m.ends, m.next_ends into v_m from pipi.meters m where m.cloud_account = p_d.cloud_account and m.meter = v_meter and m.scope = v_scope;
      if not found or not (v_bound = 'proven' or (v_bound = 'watched' and p_consent)) then return false; end if;
      v_part := v_amount;
      v_next := v_amount;
      if v_m.ends is not null then
        if v_bound = 'proven' or v_per_hour is not null then
          v_part := pipi.part_of(v_amount, v_bound, v_m.period, greatest(v_now, v_m.starts), v_ends, v_m.ends, v_per_hour);
        end if;
        if v_ends is not null then v_next := pipi.next_part_of(v_amount, v_bound, v_m.period, v_ends, v_m.ends, v_m.next_ends, v_per_hour); end if;
      end if;
      insert into pipi.holdings (cloud_account, meter, scope, account, workspace, deployment, urn, type, amount, part, since, ends_at, bound, per_hour, because, state)
      values (p_d.cloud_account, v_meter, v_scope, p_d.account, p_d.workspace, p_d.id, v_urn, v_line ->> 'type', v_amount, v_part, greatest(v_now, v_m.starts), v_ends,
        v_bound, v_per_hour, coalesce(v_a ->> 'because', ''), 'reserved');
      v_needs := v_needs || array[v_meter, v_scope, v_m.period_key];
      v_parts := v_parts || v_part;
      v_nexts := v_nexts || v_next;
    end loop;
  end loop;

  if cardinality(v_parts) = 1 then
    return pipi.take_room(p_d.cloud_account, v_needs[1], v_needs[2], v_needs[3], v_parts[1], v_nexts[1], v_ends, v_now);
  end if;
  for v_m in
    select v_needs[3 * n - 2] as meter, v_needs[3 * n - 1] as scope, v_needs[3 * n] as key, sum(v_parts[n]) as part, sum(v_nexts[n]) as next
    from generate_series(1, cardinality(v_parts)) n group by 1, 2, 3 order by v_needs[3 * n - 2] like 'usd.%', 1, 2
  loop
    if not pipi.take_room(p_d.cloud_account, v_m.meter, v_m.scope, v_m.key, v_m.part, v_m.next, v_ends, v_now) then return false; end if;
  end loop;
  return true;
end $$;

-- take_room(cloud account, meter, scope, period, part, next, ends, now)
-- Gives: whether the meter is still in that period and has room for so much of it and of the next; then it is taken.
create or replace function pipi.take_room(p_cloud_account text, p_meter text, p_scope text, p_key text, p_part numeric, p_next numeric, p_ends timestamptz, p_now timestamptz)
returns boolean language plpgsql as $$
begin
  update pipi.meters m set held = m.held + p_part, standing = m.standing + p_next, earliest_end = case when m.ends is not null then least(m.earliest_end, p_ends) end
  where m.cloud_account = p_cloud_account and m.meter = p_meter and m.scope = p_scope
    and m.period_key = p_key and (m.ends > p_now) is not false and (m.earliest_end > p_now) is not false
    and p_part <= m.stated_limit - m.held - m.used - m.observed and p_next <= m.stated_limit - m.standing - m.observed;
  return found;
end $$;
