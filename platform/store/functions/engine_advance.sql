-- engine.advance(deployment, token, status, waiting for)
-- Guarantees: a legal transition or ZP002; final states are settle's alone.
create or replace function engine.advance(p_deployment text, p_token bigint, p_to text, p_waiting_for text)
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_d pipi.deployments := pipi.check_lease(p_deployment, p_token);
begin
  if not exists (select from pipi.deadlines where status = p_to) then
    raise exception 'a deployment is not advanced to %', p_to using errcode = 'ZP002', hint = 'final states are set by settle';
  end if;
  update pipi.deployments set status = p_to, waiting_for = p_waiting_for where id = v_d.id;
end $$;
