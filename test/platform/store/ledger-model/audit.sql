-- The database's own record of the ledger, by nobody but itself: triggers with arithmetic of their own (float, other
-- formulas), so that no error of the code under test repeats itself here. `audit.breach` stays empty, or says what broke.
create schema audit;
create table audit.limits (cloud_account text, meter text, period text not null, most float8 not null, primary key (cloud_account, meter));
create table audit.breach (id bigint generated always as identity, what text not null, meter text, detail jsonb);
-- Meters over which an end was not kept: there more may stand than the limit, and nothing more may be reserved.
create table audit.unkept (cloud_account text, meter text, primary key (cloud_account, meter));

create function audit.now() returns timestamptz language sql stable as $$
  select now() + coalesce((select value::bigint from pipi.settings where name = 'sandbox.offset'), 0) * interval '1 ms'
$$;
-- When the running operation began; before anything if none did.
create function audit.began() returns timestamptz language sql stable as $$
  select coalesce(nullif(current_setting('audit.began', true), '')::timestamptz, '-infinity')
$$;
create function audit.blame(p_what text, p_meter text, p_detail jsonb) returns void language sql as $$
  insert into audit.breach (what, meter, detail) values (p_what, p_meter, p_detail)
$$;

create function audit.first(p_period text, p_key text) returns timestamptz language sql stable as $$
  select case p_period when 'month' then to_timestamp(p_key || '-01+00', 'YYYY-MM-DD TZH') when 'day' then to_timestamp(p_key || '+00', 'YYYY-MM-DD TZH') end
$$;
create function audit.after(p_period text, p_first timestamptz) returns timestamptz language sql stable as $$
  select case p_period when 'month' then (p_first at time zone 'UTC' + interval '1 month') at time zone 'UTC' when 'day' then p_first + interval '24 hours' end
$$;
-- Hours of [from, to) as a share of the longest period of that kind.
create function audit.share(p_period text, p_from timestamptz, p_to timestamptz) returns float8 language sql stable as $$
  select greatest(extract(epoch from p_to)::float8 - extract(epoch from p_from)::float8, 0) / (3600.0::float8 * case p_period when 'month' then 744 else 24 end)
$$;
-- What it takes of [from, to): a throttle's share of the time, or all at once, but for the most it can take in an hour.
create function audit.takes(p_h pipi.holdings, p_period text, p_from timestamptz, p_to timestamptz) returns float8 language sql stable as $$
  select case p_h.bound when 'proven' then p_h.amount::float8 * audit.share(p_period, p_from, p_to)
    else least(p_h.amount::float8, p_h.per_hour::float8 * greatest(extract(epoch from p_to)::float8 - extract(epoch from p_from)::float8, 0) / 3600.0::float8) end
$$;
-- A rate takes its share of the time; what is only watched may come at once, but for what it can take in an hour.
create function audit.within(p_h pipi.holdings, p_period text, p_from timestamptz, p_to timestamptz) returns float8 language sql stable as $$
  select case when p_h.bound = 'proven' then p_h.amount::float8 * audit.share(p_period, p_from, p_to)
    else least(p_h.amount::float8, p_h.per_hour::float8 * audit.share('day', p_from, p_to) * 24) end
$$;
create function audit.expected(p_h pipi.holdings, p_period text, p_key text) returns float8 language sql stable as $$
  select case when p_period in ('month', 'day')
    then audit.within(p_h, p_period, p_h.since, least(coalesce(p_h.ends_at, 'infinity'), audit.after(p_period, audit.first(p_period, p_key))))
    else p_h.amount::float8 end
$$;
create function audit.expected_next(p_h pipi.holdings, p_period text, p_key text) returns float8 language sql stable as $$
  select case
    when p_period not in ('month', 'day') or p_h.ends_at is null or p_h.ends_at >= audit.after(p_period, n.starts) then p_h.amount::float8
    when p_h.ends_at <= n.starts then 0
    else audit.within(p_h, p_period, n.starts, p_h.ends_at) end
  from (select audit.after(p_period, audit.first(p_period, p_key)) as starts) n
$$;

-- Never more than the limit, now or in the next period, at any instant.
create function audit.on_meter() returns trigger language plpgsql as $$
declare
  v_most float8 := (select l.most from audit.limits l where l.cloud_account = new.cloud_account and l.meter = new.meter);
  v_over boolean := new.held::float8 + new.used::float8 > v_most + 1e-9 or new.standing::float8 > v_most + 1e-9;
begin
  if tg_op = 'UPDATE' and new.period_key < old.period_key then perform audit.blame('a period came back', new.meter, to_jsonb(new)); end if;
  if not v_over then
    delete from audit.unkept u where u.cloud_account = new.cloud_account and u.meter = new.meter;
  elsif not exists (select from audit.unkept u where u.cloud_account = new.cloud_account and u.meter = new.meter) then
    perform audit.blame('more than the limit', new.meter, to_jsonb(new));
  end if;
  return null;
end $$;
create trigger audit_meter after insert or update on pipi.meters for each row execute function audit.on_meter();

create function audit.on_holding() returns trigger language plpgsql as $$
declare
  v_m pipi.meters;
  v_share float8;
  v_spent float8;
begin
  select * into v_m from pipi.meters m where m.cloud_account = new.cloud_account and m.meter = new.meter and m.scope = new.scope;
  if tg_op = 'INSERT' then
    if new.since > audit.now() + interval '1 second' and new.since <> audit.first(v_m.period, v_m.period_key) then
      perform audit.blame('counts from later than now', new.meter, to_jsonb(new));
    end if;
    return null;
  end if;
  if (new.amount, new.workspace, new.urn, new.meter, new.made_at) is distinct from (old.amount, old.workspace, old.urn, old.meter, old.made_at) then
    perform audit.blame('an entry was rewritten', new.meter, to_jsonb(new));
  end if;
  if new.since <> old.since and (new.since < old.since or new.since > audit.now() or v_m.period not in ('month', 'day')
    or new.since <> date_trunc(v_m.period, new.since at time zone 'UTC') at time zone 'UTC') then
    perform audit.blame('counts from another time than it began', new.meter, to_jsonb(new));
  end if;
  if old.state <> 'released' and new.state <> 'released' and old.ends_at <= audit.now() and new.ends_at is null then
    insert into audit.unkept values (new.cloud_account, new.meter) on conflict do nothing;
  end if;
  if old.state <> 'released' and new.state = 'released' then
    -- What shrank goes on in a row beside it: only its share was given back.
    select 1 - coalesce(max(h.amount::float8), 0) / old.amount::float8 into v_share from pipi.holdings h
      where h.workspace = new.workspace and h.urn = new.urn and h.meter = new.meter and h.made_at = new.made_at and h.id > new.id and h.state <> 'released' and h.since = new.since;
    v_spent := case
      when v_m.period = 'concurrent' or (not old.existed and v_m.period <> 'lifetime') then 0
      when v_m.period = 'lifetime' then old.part::float8 * v_share
      when old.bound = 'proven' then old.part::float8 * v_share
        * least(greatest(extract(epoch from new.released_at - old.since)::float8, 0) / nullif(extract(epoch from least(coalesce(old.ends_at, 'infinity'), audit.after(v_m.period, audit.first(v_m.period, v_m.period_key))) - old.since)::float8, 0), 1)
      else least(old.part::float8 * v_share, old.per_hour::float8 * greatest(extract(epoch from new.released_at - old.since)::float8, 0) / 3600) end;
    if new.part::float8 < v_spent - 1e-6 then
      perform audit.blame('more was given back than was left', new.meter, to_jsonb(new) || jsonb_build_object('share', v_share, 'spent', v_spent, 'before', old.part));
    end if;
  end if;
  return null;
end $$;
create trigger audit_holding after insert or update on pipi.holdings for each row execute function audit.on_holding();

-- Asked at the commit: until then the meter is locked, and what another has done meanwhile is seen.
create function audit.on_reserved() returns trigger language plpgsql as $$
declare
  v_m pipi.meters;
  v_most float8 := (select l.most from audit.limits l where l.cloud_account = new.cloud_account and l.meter = new.meter);
begin
  select * into v_m from pipi.meters m where m.cloud_account = new.cloud_account and m.meter = new.meter and m.scope = new.scope;
  if v_m.held::float8 + v_m.used::float8 > v_most + 1e-9 or v_m.standing::float8 > v_most + 1e-9 then
    perform audit.blame('reserved although it is over', new.meter, to_jsonb(new));
  end if;
  if v_m.period in ('month', 'day') and exists (select from pipi.holdings h where h.cloud_account = new.cloud_account and h.meter = new.meter
    and h.state <> 'released' and h.ends_at < audit.began()) then
    perform audit.blame('reserved beside an end that was not kept', new.meter, to_jsonb(new));
  end if;
  return null;
end $$;
create constraint trigger audit_reserved after insert on pipi.holdings deferrable initially deferred for each row
  when (new.state = 'reserved') execute function audit.on_reserved();

-- What a meter says is exactly what its entries say, and these are what they ought to be. One statement: one moment.
create function audit.check(p_cloud_account text default null, p_meter text default null) returns int language plpgsql as $$
declare
  v_r record;
  v_found int := 0;
begin
  for v_r in
    select m.meter, m.held, m.used, m.standing, m.period_key, s.*
    from pipi.meters m
    join audit.limits l on l.cloud_account = m.cloud_account and l.meter = m.meter
    cross join lateral (
      select coalesce(sum(h.part) filter (where h.state <> 'released'), 0) as parts,
        coalesce(sum(audit.expected(h, m.period, m.period_key)) filter (where h.state <> 'released'), 0) as expected,
        coalesce(sum(audit.expected_next(h, m.period, m.period_key)) filter (where h.state <> 'released'), 0) as next,
        coalesce(sum(h.part) filter (where h.state = 'released' and h.released_at >= coalesce(audit.first(m.period, m.period_key), '-infinity')), 0) as used_parts,
        count(*) filter (where h.state <> 'released') as live
      from pipi.holdings h where h.cloud_account = m.cloud_account and h.meter = m.meter and h.scope = m.scope
        and (h.state <> 'released' or m.period = 'lifetime' or h.released_at >= audit.first(m.period, m.period_key))
    ) s
    where p_meter is null or (m.cloud_account = p_cloud_account and m.meter = p_meter)
  loop
    if v_r.held <> v_r.parts then perform audit.blame('held is not the sum of its entries', v_r.meter, to_jsonb(v_r)); v_found := v_found + 1; end if;
    if abs(v_r.held::float8 - v_r.expected) > 1e-6 then perform audit.blame('held is not what its entries take', v_r.meter, to_jsonb(v_r)); v_found := v_found + 1; end if;
    if abs(v_r.standing::float8 - v_r.next) > 1e-6 then perform audit.blame('standing is not what goes on', v_r.meter, to_jsonb(v_r)); v_found := v_found + 1; end if;
    if v_r.used <> v_r.used_parts then perform audit.blame('used is not the sum of what was given back', v_r.meter, to_jsonb(v_r)); v_found := v_found + 1; end if;
  end loop;
  return v_found;
end $$;

-- At the commit of every Nth change of a meter the same question, with the changes of that very transaction.
create function audit.on_commit() returns trigger language plpgsql as $$
begin
  if random() < 0.05 then perform audit.check(new.cloud_account, new.meter); end if;
  return null;
end $$;
create constraint trigger audit_commit after update on pipi.meters deferrable initially deferred for each row execute function audit.on_commit();
