-- seed_money(cloud account)
-- Makes `usd.budget` (USD a month) and `usd.credit` (USD, once) what the owner has confirmed: the newest budget, and the
-- credits that are neither withdrawn nor past their last day by the ledger's clock. 0 where there is none.
-- Guarantees: what is held stays held; lowered below it nothing more is reserved (`over`). What was spent of a credit
-- that has ended stays spent and nothing else of it is left. In one transaction with whatever changed them.
create or replace function pipi.seed_money(p_cloud_account text) returns void language plpgsql as $$
begin
  perform pipi.lock_meters(p_cloud_account, '[{"meter": "usd.budget", "scope": ""}, {"meter": "usd.credit", "scope": ""}]');
  perform pipi.end_credits(p_cloud_account);
  insert into pipi.meters as m (cloud_account, meter, scope, period, period_key, unit, title, pays, stated_limit, limit_amount)
  select p_cloud_account, x.meter, '', x.period, pipi.period_key(x.period), 'USD', x.title, x.pays, x.usd, x.usd
  from (
    select 'usd.budget' as meter, 'month' as period, 'budget' as pays, 'what may be spent each month' as title,
      coalesce((select (p.value ->> 'usdPerMonth')::numeric from pipi.proposals p
        where p.cloud_account = p_cloud_account and p.what = 'budget' and p.confirmed_at is not null order by p.confirmed_at desc, p.id desc limit 1), 0) as usd
    union all
    select 'usd.credit', 'lifetime', 'credit', 'what was put in once, each part until its last day',
      coalesce((select sum(coalesce(c.spent, c.usd)) from pipi.credits c where c.cloud_account = p_cloud_account), 0)
  ) x
  order by x.meter
  on conflict (cloud_account, meter, scope) do update set
    stated_limit = excluded.stated_limit, limit_amount = greatest(excluded.stated_limit, m.held + m.used, m.standing),
    unit = excluded.unit, title = excluded.title, pays = excluded.pays;
  perform pipi.tell_over(p_cloud_account);
end $$;

-- end_credits(cloud account)
-- Guarantees: of each credit that is past its last day or withdrawn it is written down once what was spent of it; what
-- ends first was spent first.
create or replace function pipi.end_credits(p_cloud_account text) returns void language plpgsql as $$
declare
  v_c pipi.credits;
begin
  for v_c in
    select * from pipi.credits c where c.cloud_account = p_cloud_account and c.spent is null
      and (c.withdrawn_at is not null or c.expires_at <= pipi.ledger_now()) order by c.expires_at, c.id for no key update
  loop
    update pipi.credits c set spent = least(c.usd, greatest(
      coalesce((select m.used from pipi.meters m where m.cloud_account = p_cloud_account and m.pays = 'credit'), 0)
        - coalesce((select sum(o.spent) from pipi.credits o where o.cloud_account = p_cloud_account), 0), 0))
      where c.id = v_c.id;
  end loop;
end $$;
