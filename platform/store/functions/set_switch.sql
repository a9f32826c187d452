-- set_switch(cloud account, to, why, actor, tripped)
-- Takes: `open`, `stopped` or `suspended`; why, for people; what tripped it, empty when a person did.
-- Gives: whether anything changed. Guarantees: with it, in one transaction, the journal of every account that uses the
-- cloud account says who did what and why; from then on `engine.reserve` and `engine.begin_intent` go by it. What
-- tripped it is kept until it is opened, and grows while more does.
create or replace function pipi.set_switch(p_cloud_account text, p_to text, p_why text, p_actor text, p_tripped jsonb default '[]')
returns boolean language plpgsql as $$
declare
  v_c pipi.cloud_accounts;
  v_tripped jsonb;
begin
  select * into v_c from pipi.cloud_accounts where id = p_cloud_account for no key update;
  if v_c.id is null then raise exception 'there is no cloud account "%"', p_cloud_account using errcode = 'ZP003'; end if;
  if p_to not in ('open', 'stopped', 'suspended') then
    raise exception 'a switch is open, stopped or suspended, not "%"', p_to using errcode = 'ZP006';
  end if;
  v_tripped := case when p_to = 'open' then '[]' else (
    select coalesce(jsonb_agg(t.value), '[]') from (
      select value from jsonb_array_elements(p_tripped)
      union all
      select o.value from jsonb_array_elements(v_c.tripped) o where not exists (
        select from jsonb_array_elements(p_tripped) n where n.value ->> 'meter' = o.value ->> 'meter' and n.value ->> 'scope' = o.value ->> 'scope')) t) end;
  if v_c.switch = p_to and not exists (
    select from jsonb_array_elements(p_tripped) n where not exists (
      select from jsonb_array_elements(v_c.tripped) o where n.value ->> 'meter' = o.value ->> 'meter' and n.value ->> 'scope' = o.value ->> 'scope')) then
    return false;
  end if;
  update pipi.cloud_accounts set switch = p_to, switch_why = p_why, switched_at = clock_timestamp(), tripped = v_tripped where id = p_cloud_account;
  perform pipi.tell_owners(p_cloud_account, p_actor, 'switch.' || p_to,
    jsonb_build_object('engine', v_c.engine, 'from', v_c.switch, 'to', p_to, 'why', p_why, 'tripped', v_tripped));
  return true;
end $$;
