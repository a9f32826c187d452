-- check_lease(deployment, token)
-- Takes: the deployment and the token that a caller works under.
-- Gives: the deployment's row. The lease's row and the deployment's row are locked until the transaction ends, so that
-- no other engine can take the workspace in between; not more than that (no key update), so that what refers to them
-- may be written meanwhile.
-- Guarantees: ZP001 (lease.lost) unless the token is the newest and the lease is held for this deployment; ZP004 when
-- the deployment belongs to another engine than the caller's.
create or replace function pipi.check_lease(p_deployment text, p_token bigint) returns pipi.deployments language plpgsql as $$
declare
  v_lease pipi.leases;
  v_deployment pipi.deployments;
begin
  select l.* into v_lease from pipi.leases l
    join pipi.deployments d on d.workspace = l.workspace where d.id = p_deployment for no key update of l;
  select d.* into v_deployment from pipi.deployments d where d.id = p_deployment for no key update;
  if v_deployment.id is null or v_deployment.engine <> pipi.session_engine() then
    raise exception 'deployment % is not for this engine', p_deployment using errcode = 'ZP004';
  end if;
  if v_lease.workspace is null or v_lease.token <> p_token or v_lease.deployment is distinct from p_deployment
     or v_lease.holder is null or v_deployment.finished_at is not null then
    raise exception 'the lease of deployment % with token % is lost: the newest token is %', p_deployment, p_token, coalesce(v_lease.token, 0)
      using errcode = 'ZP001', hint = 'stop at once: whoever holds the lease now goes on from what is written';
  end if;
  perform set_config('pipi.actor', 'engine:' || v_deployment.engine || ':' || coalesce(v_lease.holder, ''), true);
  return v_deployment;
end $$;
