-- observe_strays(cloud account, [{meter, scope, amount}])
-- Takes: what a survey found of concurrent meters beside what is ours, everything that there is. Guarantees: it stands
-- beside what is held; a concurrent meter of the account that is not named has no strays any more.
create or replace function pipi.observe_strays(p_cloud_account text, p_strays jsonb) returns void language plpgsql as $$
begin
  perform pipi.lock_meters(p_cloud_account, (
    select coalesce(jsonb_agg(jsonb_build_object('meter', k.meter, 'scope', k.scope)), '[]') from (
      select e ->> 'meter' as meter, e ->> 'scope' as scope from jsonb_array_elements(p_strays) e
      union select m.meter, m.scope from pipi.meters m where m.cloud_account = p_cloud_account and m.period = 'concurrent' and m.observed > 0) k));
  update pipi.meters m set observed = coalesce(s.amount, 0)
  from pipi.meters o left join (
    select e ->> 'meter' as meter, e ->> 'scope' as scope, sum((e ->> 'amount')::numeric) as amount from jsonb_array_elements(p_strays) e group by 1, 2
  ) s on s.meter = o.meter and s.scope = o.scope
  where o.cloud_account = p_cloud_account and o.period = 'concurrent'
    and m.cloud_account = o.cloud_account and m.meter = o.meter and m.scope = o.scope and m.observed <> coalesce(s.amount, 0);
  perform pipi.tell_over(p_cloud_account);
end $$;
