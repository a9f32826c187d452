-- tell_over(cloud account)
-- Guarantees: a meter that has become over is said in the journal of every account that uses it, once, until it has
-- room again. Call it last in a transaction, as write_journal.
create or replace function pipi.tell_over(p_cloud_account text) returns void language plpgsql as $$
declare
  v_over jsonb;
begin
  if not exists (select from pipi.meters m where m.cloud_account = p_cloud_account and m.over <> m.told_over) then return; end if;
  with turned as (
    update pipi.meters m set told_over = m.over where m.cloud_account = p_cloud_account and m.over <> m.told_over returning m.*
  )
  select jsonb_agg(jsonb_build_object('meter', t.meter, 'scope', t.scope, 'limit', t.stated_limit, 'held', t.held, 'used', t.used, 'standing', t.standing, 'observed', t.observed)
    order by t.meter, t.scope) into v_over from turned t where t.over;
  if v_over is not null then perform pipi.tell_owners(p_cloud_account, 'ledger', 'meter.over', jsonb_build_object('meters', v_over)); end if;
end $$;
