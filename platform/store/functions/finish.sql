-- finish(deployment, status, {waitingFor, error, refusal})
-- The commander's own verdict on a deployment that no engine works on any more, or must not.
-- Gives: true, or false when it was final already. Guarantees: the lease's token moves on first; holdings stay,
-- and what it had begun to take is uncertain from now on, so that somebody looks what became of it.
create or replace function pipi.finish(p_deployment text, p_status text, p_why jsonb) returns boolean language plpgsql as $$
declare
  v_d pipi.deployments;
begin
  select * into v_d from pipi.deployments where id = p_deployment;
  if v_d.id is null then raise exception 'there is no deployment %', p_deployment using errcode = 'ZP003'; end if;
  update pipi.leases set token = token + 1, holder = null, deployment = null, expires_at = clock_timestamp()
    where workspace = v_d.workspace and deployment = v_d.id;
  if v_d.started_at is not null and v_d.finished_at is null then
    update pipi.holdings set state = 'uncertain' where workspace = v_d.workspace and deployment = v_d.id and state = 'reserved' and released_at is null;
  end if;
  update pipi.deployments set status = p_status,
    error = coalesce(nullif(p_why -> 'error', 'null'), error), refusal = coalesce(nullif(p_why -> 'refusal', 'null'), refusal)
    where id = p_deployment and finished_at is null;
  return found;
end $$;
