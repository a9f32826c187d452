-- engine.take_watch(clone, kinds)
-- Takes: who asks, and what its engine can look at. Gives: one watch as JSON, or null when none of this engine's is due.
-- Guarantees: one clone has it at a time, for as long as a look may take; what is due goes by the ledger's clock, the
-- hold by the real one, and a clone that is gone holds nothing. Whether an account is what it claims comes first, then use. A clock that was set back makes due
-- what it had put far away. What an account brought of its own is confirmed before anything else: `claim` names it. Each watch comes with
-- the credentials to look with (`sealed`, for this engine alone): the platform's own, else those of an account that the
-- platform has confirmed; at last those that are of that cloud account though something else speaks against it (another plan,
-- a right that is missing): what burns there is to be seen.
create or replace function engine.take_watch(p_clone text, p_kinds text[])
returns jsonb language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_engine text := pipi.session_engine();
  v_now timestamptz := pipi.ledger_now();
  v_w pipi.watches;
  v_watch jsonb;
  v_k pipi.claims;
begin
  if 'check' = any(p_kinds) then
    select k.* into v_k from pipi.claims k where k.engine = v_engine and k.own and k.due_at <= v_now
      and (k.taken_until is null or k.taken_until <= clock_timestamp()
        or exists (select from pipi.clones c where c.id = k.taken_by and c.state = 'gone'))
    order by k.due_at, k.account limit 1 for no key update of k skip locked;
    if v_k.account is not null then
      update pipi.claims set taken_by = p_clone, taken_until = clock_timestamp() + pipi.longest_look()
        where account = v_k.account and engine = v_k.engine and own;
      return jsonb_build_object('kind', 'check', 'clone', p_clone, 'now', round(extract(epoch from v_now) * 1000), 'claim', v_k.account,
        'cloudAccount', jsonb_build_object('id', v_k.cloud_account, 'engine', v_k.engine, 'plan', v_k.plan, 'consentWatched', v_k.consent_watched))
        || pipi.sealed_of(v_k);
    end if;
  end if;
  select w.* into v_w from pipi.watches w join pipi.cloud_accounts c on c.id = w.cloud_account
  where c.engine = v_engine and w.kind = any(p_kinds)
    and (w.due_at <= v_now or w.due_at > v_now + w.every_ms * interval '1 ms')
    and (w.taken_until is null or w.taken_until <= clock_timestamp()
      or exists (select from pipi.clones k where k.id = w.taken_by and k.state = 'gone'))
  order by array_position(array['check', 'usage', 'survey'], w.kind), w.due_at, w.cloud_account
  limit 1 for no key update of w skip locked;
  if v_w.cloud_account is null then return null; end if;
  update pipi.watches set taken_by = p_clone, taken_until = clock_timestamp() + pipi.longest_look()
    where cloud_account = v_w.cloud_account and kind = v_w.kind;

  select jsonb_build_object('kind', v_w.kind, 'clone', p_clone, 'now', round(extract(epoch from v_now) * 1000),
    'cloudAccount', pipi.account_of(c))
  into v_watch from pipi.cloud_accounts c where c.id = v_w.cloud_account;
  select k.* into v_k from pipi.claims k where k.engine = v_engine and k.cloud_account = v_w.cloud_account and (not k.own or k.armed
      or (not k.armed and not exists (select from jsonb_array_elements(k.findings) f where not (f.value ->> 'ok')::boolean and f.value ->> 'what' in ('account', 'keys'))
        and exists (select from pipi.account_clouds a where a.account = k.account and a.cloud_account = k.cloud_account)))
    order by k.own, k.armed desc, k.checked_at desc, k.account limit 1;
  if v_k.account is not null then v_watch := v_watch || pipi.sealed_of(v_k); end if;
  if v_w.kind = 'usage' then v_watch := v_watch || jsonb_build_object('gone', pipi.gone_unread(v_w.cloud_account)); end if;
  if v_w.kind = 'survey' then
    v_watch := v_watch || jsonb_build_object('workspaces', (
      select coalesce(jsonb_agg(jsonb_build_object('id', w.id, 'region', w.region, 'manifest', w.manifest, 'resources', r.list) order by w.id), '[]')
      from pipi.workspaces w
      join lateral (select jsonb_agg(jsonb_build_object('urn', r.urn, 'type', r.type, 'id', r.id) order by r.urn) as list
        from pipi.resources r where r.workspace = w.id) r on r.list is not null
      where w.cloud_account = v_w.cloud_account and w.region is not null and w.manifest is not null));
  end if;
  return v_watch;
end $$;

-- longest_look(): a clone that has not reported by then has lost the watch.
create or replace function pipi.longest_look() returns interval language sql immutable as $$ select interval '150 seconds' $$;

-- sealed_of(claim): {sealed, sealedFor}: what it is bound to, as who sealed it said.
create or replace function pipi.sealed_of(p_k pipi.claims) returns jsonb language sql stable as $$
  select jsonb_build_object('sealed', encode(p_k.sealed, 'base64'), 'sealedFor', format('%s %s %s', p_k.account, p_k.engine, case when p_k.own then 'own' else 'platform' end))
$$;

-- gone_unread(cloud account): [{id, type, region, perHour: {meter: amount}}]
-- Gives: what is gone in the running period and counts with all that it may have used, since no reading goes beyond its
-- end yet; what waits longest first, and no more than a look can ask for.
create or replace function pipi.gone_unread(p_cloud_account text) returns jsonb language sql stable as $$
  select coalesce(jsonb_agg(jsonb_build_object('id', x.id, 'type', x.type, 'region', x.region, 'perHour', x.per_hour) order by x.released_at, x.id), '[]')
  from (
    select h.cloud_id as id, h.type, d.region, max(h.released_at) as released_at,
      coalesce(jsonb_object_agg(h.meter, h.per_hour) filter (where h.per_hour is not null), '{}') as per_hour
    from pipi.meters m
    join pipi.holdings h on h.cloud_account = m.cloud_account and h.meter = m.meter and h.scope = m.scope and h.state = 'released'
      and h.released_at >= m.starts and h.part > 0 and h.bound <> 'proven' and h.cloud_id is not null
    join pipi.deployments d on d.id = h.deployment
    where m.cloud_account = p_cloud_account and m.period in ('month', 'day')
      -- Of a meter that its platform tells apart; for others one would wait in vain, in the place of these.
      and exists (select from pipi.readings r where r.cloud_account = m.cloud_account and r.meter = m.meter and r.scope = m.scope and r.period_key = m.period_key)
      and not exists (select from pipi.readings r where r.cloud_account = m.cloud_account and r.meter = m.meter and r.scope = m.scope
        and r.resource = h.cloud_id and r.period_key = m.period_key and r.read_at >= h.released_at)
    group by 1, 2, 3 order by 4, 1 limit 200
  ) x
$$;
