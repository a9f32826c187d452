-- pay(deployment, lines)
-- Takes: a reservation that does not fit what is free; its meters are locked. Gives: true when all of it is reserved,
-- else false and nothing is.
-- Guarantees: each line takes what is free of its meter first, then credit (only until an end that the credit lasts to),
-- then budget, at the meter's price; without a price, beyond what the owner has put in, or beyond what the workspace's
-- own manifest lets it spend, nothing.
create or replace function pipi.pay(p_d pipi.deployments, p_lines jsonb) returns boolean language plpgsql as $$
declare
  v_consent boolean;
  v_a record;
  v_m pipi.meters;
  v_one_part numeric;
  v_one_next numeric;
  v_free numeric;
  v_rest numeric;
begin
  select c.consent_watched into v_consent from pipi.cloud_accounts c where c.id = p_d.cloud_account;
  if not exists (select from pipi.meters m where m.cloud_account = p_d.cloud_account and m.pays <> 'free' and m.stated_limit > 0) then return false; end if;
  perform pipi.lock_meters(p_d.cloud_account, '[{"meter": "usd.budget", "scope": ""}, {"meter": "usd.credit", "scope": ""}]');
  begin
    for v_a in select * from pipi.asked_of(p_d, p_lines) a order by a.line, a.meter, a.scope loop
      select * into v_m from pipi.meters m where m.cloud_account = p_d.cloud_account and m.meter = v_a.meter and m.scope = v_a.scope;
      if (v_m.meter is null and v_a.asked > 0) or v_a.bound = 'unbounded' or (v_a.bound = 'watched' and v_a.asked > 0 and not v_consent) then
        raise exception 'not for money' using errcode = 'ZP900';
      end if;
      if v_a.stretch then
        if v_a.stretch_part > v_m.stated_limit - v_m.held - v_m.used - v_m.observed or v_a.stretch_next > v_m.stated_limit - v_m.standing - v_m.observed then
          raise exception 'what is held already does not fit for longer' using errcode = 'ZP900';
        end if;
        update pipi.meters m set held = m.held + v_a.stretch_part, standing = m.standing + v_a.stretch_next,
          earliest_end = case when m.period in ('month', 'day') then least(m.earliest_end, v_a.ends_at) end
          where m.cloud_account = p_d.cloud_account and m.meter = v_a.meter and m.scope = v_a.scope returning * into v_m;
      end if;
      continue when v_a.more = 0;
      v_one_part := v_a.part / v_a.more;
      v_one_next := v_a.next / v_a.more;
      v_free := trunc(greatest(least(v_a.more,
        (v_m.stated_limit - v_m.held - v_m.used - v_m.observed) / nullif(v_one_part, 0),
        (v_m.stated_limit - v_m.standing - v_m.observed) / nullif(v_one_next, 0)), 0), 9);
      if v_free > 0 then
        perform pipi.hold(p_d, v_m, jsonb_build_object('urn', v_a.urn, 'type', v_a.type, 'amount', v_free, 'bound', v_a.bound,
          'perHour', v_a.per_hour * v_free / v_a.more, 'because', v_a.because, 'endsAt', v_a.ends_at, 'state', 'reserved'));
      end if;
      v_rest := v_a.more - v_free;
      if v_rest > 0 then
        v_rest := pipi.pay_with(p_d, v_m, to_jsonb(v_a), v_rest, 'credit');
        if v_rest > 0 then v_rest := pipi.pay_with(p_d, v_m, to_jsonb(v_a), v_rest, 'budget'); end if;
        if v_rest > 0 then raise exception 'neither credit nor budget is left' using errcode = 'ZP900'; end if;
      end if;
    end loop;
    if pipi.beyond_manifest(p_d) then raise exception 'the manifest allows less' using errcode = 'ZP900'; end if;
    perform pipi.stretch(p_d, p_lines);
  exception when sqlstate 'ZP900' or check_violation then
    return false;
  end;
  return true;
end $$;

-- beyond_manifest(deployment): whether its workspace holds more money than its manifest lets it: `budget.usdPerMonth` of
-- the owner's budget, and with 0 no credit either. A manifest that says nothing takes what the owner allows.
create or replace function pipi.beyond_manifest(p_d pipi.deployments) returns boolean language sql stable as $$
  select coalesce(sum(h.amount) filter (where m.pays = 'budget') > x.most or (x.most = 0 and count(*) > 0), false)
  from (select (d.manifest #>> '{budget,usdPerMonth}')::numeric as most from pipi.deployments d where d.id = p_d.id) x
  join pipi.holdings h on h.workspace = p_d.workspace and h.released_at is null and h.pays_meter is not null
  join pipi.meters m on m.cloud_account = h.cloud_account and m.meter = h.meter and m.scope = h.scope
  group by x.most
$$;

-- pay_with(deployment, meter, asked, units, credit or budget)
-- Takes: so many units of a meter beyond what is free. Gives: how many are left that this money does not pay.
create or replace function pipi.pay_with(p_d pipi.deployments, p_m pipi.meters, p_a jsonb, p_units numeric, p_pays text) returns numeric language plpgsql as $$
declare
  v_usd pipi.meters;
  v_ends timestamptz := p_a ->> 'ends_at';
  v_each numeric := pipi.price_of(p_m, p_a ->> 'bound', p_pays, pipi.ledger_now(), v_ends);
  v_bound text := pipi.paid_bound(p_m.period, p_a ->> 'bound');
  v_usd_end timestamptz;
  v_units numeric;
begin
  if v_each is null then return p_units; end if;
  select * into v_usd from pipi.meters m where m.cloud_account = p_m.cloud_account and m.pays = p_pays;
  if v_usd.meter is null then return p_units; end if;
  v_usd_end := v_usd.ends;
  v_units := least(p_units,
    -- A price of nothing, or a period of which it takes nothing, sets no bound.
    (v_usd.stated_limit - v_usd.held - v_usd.used - v_usd.observed) / nullif(pipi.part_of(v_each, v_bound, v_usd.period, pipi.ledger_now(), v_ends, v_usd_end, null), 0),
    (v_usd.stated_limit - v_usd.standing - v_usd.observed)
      / nullif(pipi.next_part_of(v_each, v_bound, v_usd.period, v_ends, v_usd_end, v_usd.next_ends, null), 0),
    case when p_pays = 'credit' then pipi.credit_until(p_m.cloud_account, v_ends) / nullif(v_each, 0) end);
  if v_units < p_units then v_units := trunc(greatest(v_units, 0), 9); end if;
  if v_units > 0 then
    perform pipi.hold(p_d, v_usd, jsonb_build_object('urn', p_a ->> 'urn', 'type', p_a ->> 'type', 'amount', v_units * v_each, 'bound', v_bound,
      'because', format('%s × %s USD of %s beyond what is free', trim_scale(v_units), trim_scale(round(v_each, 6)), p_m.meter), 'endsAt', v_ends, 'state', 'reserved',
      'perHour', (p_a ->> 'per_hour')::numeric * v_units / (p_a ->> 'more')::numeric * v_each,
      'paysMeter', p_m.meter, 'paysScope', p_m.scope, 'paysAmount', v_units));
  end if;
  return p_units - v_units;
end $$;

-- paid_bound(period, class): what is counted while it exists is charged by the hour, so that its price accrues with time.
create or replace function pipi.paid_bound(p_period text, p_bound text) returns text language sql immutable as $$
  select case when p_period = 'concurrent' then 'proven' when p_period = 'lifetime' then 'watched' else p_bound end
$$;

-- price_of(meter, class, credit or budget, since, ends)
-- Gives: USD for one unit beyond what is free: of a month of 31 days for a budget, until its end for a credit. Null: no
-- money can pay for it.
create or replace function pipi.price_of(p_m pipi.meters, p_bound text, p_pays text, p_since timestamptz, p_ends timestamptz) returns numeric language sql stable as $$
  select p_m.usd_per_unit * case
    when p_m.period = 'lifetime' then 1
    when p_pays = 'budget' then case p_m.period when 'day' then 31 else 1 end
    when p_ends is null then null
    -- What may come all at once may do so in every period that it touches.
    when p_m.period = 'month' and p_bound <> 'proven' then (extract(year from e.last) - extract(year from e.first)) * 12 + extract(month from e.last) - extract(month from e.first) + 1
    when p_m.period = 'day' and p_bound <> 'proven' then e.last::date - e.first::date + 1
    else extract(epoch from p_ends - p_since) / pipi.longest(case p_m.period when 'day' then 'day' else 'month' end) end
  from (select p_since at time zone 'UTC' as first, p_ends at time zone 'UTC' as last) e
$$;

-- credit_until(cloud account, ends): USD of credit that last until then and that nothing takes yet.
create or replace function pipi.credit_until(p_cloud_account text, p_ends timestamptz) returns numeric language sql stable as $$
  select coalesce((select sum(c.usd) from pipi.credits c
      where c.cloud_account = p_cloud_account and c.withdrawn_at is null and c.spent is null and c.expires_at >= p_ends), 0)
    - coalesce((select m.held + m.used from pipi.meters m where m.cloud_account = p_cloud_account and m.pays = 'credit'), 0)
    + coalesce((select sum(c.spent) from pipi.credits c where c.cloud_account = p_cloud_account), 0)
$$;
