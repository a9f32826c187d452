-- take_over(most attempts)
-- Takes: nothing but the database's clock. Gives: what was done to which deployment.
-- Guarantees: a deployment whose engine let its lease run out, or that stood longer in a state than it may, waits again
-- with one more attempt, or is dead after the last; its lease's token has moved on, so that the old engine is fenced
-- off. What is being changed by somebody else right now is left for the next call. Nothing it holds is given back.
create or replace function pipi.take_over(p_most_attempts int default 5)
returns table (id text, workspace text, was text, became text, reason text) language plpgsql as $$
declare
  v_row record;
  v_d pipi.deployments;
begin
  for v_row in
    select d.id from pipi.deployments d left join pipi.leases l on l.workspace = d.workspace
    where d.finished_at is null and (
      d.deadline_at <= clock_timestamp()
      or (d.status = 'assigned' and l.deployment = d.id and l.expires_at <= clock_timestamp())
      or (d.status not in ('accepted', 'assigned', 'awaiting-approval')
        and (l.deployment is distinct from d.id or l.holder is null or l.expires_at <= clock_timestamp())))
    order by d.id
  loop
    select d.* into v_d from pipi.deployments d where d.id = v_row.id;
    perform from pipi.leases l where l.workspace = v_d.workspace for no key update skip locked;
    if not found and exists (select from pipi.leases l where l.workspace = v_d.workspace) then continue; end if;
    select d.* into v_d from pipi.deployments d where d.id = v_row.id and d.finished_at is null for no key update skip locked;
    if not found then continue; end if;
    reason := case
      when v_d.deadline_at <= clock_timestamp() then format('it was %s for longer than it may', v_d.status)
      when v_d.status = 'assigned' and exists (
        select from pipi.leases l where l.workspace = v_d.workspace and l.deployment = v_d.id and l.expires_at <= clock_timestamp())
      then format('engine %s stopped before it had begun', coalesce(v_d.clone, '?'))
      when v_d.status not in ('accepted', 'assigned', 'awaiting-approval') and not exists (
        select from pipi.leases l where l.workspace = v_d.workspace and l.deployment = v_d.id and l.holder is not null and l.expires_at > clock_timestamp())
      then format('engine %s stopped while %s', coalesce(v_d.clone, '?'), v_d.status) end;
    if reason is null then continue; end if;
    became := case
      when v_d.status = 'awaiting-approval' then 'cancelled'
      when v_d.status = 'accepted' or v_d.attempt >= p_most_attempts then 'dead'
      else 'accepted' end;
    update pipi.leases l set token = l.token + 1, holder = null, deployment = null, expires_at = clock_timestamp() where l.workspace = v_d.workspace and (l.deployment is null or l.deployment = v_d.id);
    update pipi.deployments d set status = became,
      attempt = d.attempt + case when became = 'accepted' then 1 else 0 end,
      clone = case when became = 'accepted' then null else d.clone end,
      waiting_for = case when became = 'accepted' then 'another engine: ' || reason end,
      error = case when became = 'accepted' then d.error else jsonb_build_object(
        'code', case when v_d.deadline_at <= clock_timestamp() then 'deadline.passed' else 'engine.crashed' end, 'phase', v_d.status,
        'message', reason || case when became = 'dead' and v_d.status <> 'accepted' then format(', after %s attempts', v_d.attempt) else '' end,
        'hint', 'see its story (./pipi logs ' || v_d.id || '), mend the cause, then ask again') end
      where d.id = v_d.id;
    id := v_d.id; workspace := v_d.workspace; was := v_d.status;
    return next;
  end loop;
end $$;
