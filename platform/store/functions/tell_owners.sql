-- tell_owners(cloud account, actor, event, data)
-- Guarantees: one journal record for every account that uses the cloud account, as each sees its own journal only; one
-- of nobody's where none does.
create or replace function pipi.tell_owners(p_cloud_account text, p_actor text, p_event text, p_data jsonb) returns void language plpgsql as $$
declare
  v_account text;
  v_data jsonb := jsonb_build_object('cloudAccount', p_cloud_account) || coalesce(p_data, '{}');
begin
  for v_account in select a.account from pipi.account_clouds a where a.cloud_account = p_cloud_account order by a.account loop
    perform pipi.write_journal(v_account, null, null, p_actor, p_event, v_data);
  end loop;
  if v_account is null then perform pipi.write_journal(null, null, null, p_actor, p_event, v_data); end if;
end $$;
