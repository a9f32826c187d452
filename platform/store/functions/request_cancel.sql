-- request_cancel(account, deployment, by)
-- Gives: `cancelled` (nobody had begun), `requested` (its engine will hear of it), or the final state it already has.
-- Guarantees: an account reaches its own deployments only (ZP003).
create or replace function pipi.request_cancel(p_account text, p_deployment text, p_by text) returns text language plpgsql as $$
declare
  v_d pipi.deployments;
begin
  select * into v_d from pipi.deployments where id = p_deployment and account = p_account for no key update;
  if v_d.id is null then raise exception 'there is no deployment %', p_deployment using errcode = 'ZP003'; end if;
  if v_d.finished_at is not null then return v_d.status; end if;
  perform set_config('pipi.actor', p_by, true);
  if v_d.status in ('accepted', 'assigned') and v_d.started_at is null then
    update pipi.deployments set status = 'cancelled' where id = v_d.id;
    return 'cancelled';
  end if;
  update pipi.deployments set cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp()) where id = v_d.id;
  return 'requested';
end $$;
