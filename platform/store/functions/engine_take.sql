-- engine.take(deployment, clone, lease in ms)
-- Takes: the id that came with a job. Gives: the order as JSON, or null when it is not to be worked on: unknown, final,
-- not this engine's, not first in its workspace, not assigned yet (a job may be older than what it is about: what it is
-- let in with comes with its assignment), cancelled, or held by another.
-- Guarantees: one holder; the token is higher than any before; what another engine left in the middle counts as one
-- more attempt, and dies after the given number of them.
create or replace function engine.take(p_deployment text, p_clone text, p_lease_ms bigint, p_most_attempts int default 5)
returns jsonb language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_engine text := pipi.session_engine();
  v_d pipi.deployments;
  v_token bigint;
  v_order jsonb;
begin
  select * into v_d from pipi.deployments where id = p_deployment;
  if v_d.id is null or v_d.engine <> v_engine or v_d.finished_at is not null or v_d.status = 'awaiting-approval' then return null; end if;

  insert into pipi.leases as l (workspace, token, holder, deployment, expires_at)
  values (v_d.workspace, 1, p_clone, v_d.id, clock_timestamp() + p_lease_ms * interval '1 ms')
  on conflict (workspace) do update
    set token = l.token + 1, holder = excluded.holder, deployment = excluded.deployment, expires_at = excluded.expires_at
    where l.holder is null or l.expires_at <= clock_timestamp()
  returning token into v_token;
  if v_token is null then return null; end if;

  select * into v_d from pipi.deployments where id = p_deployment for no key update;
  perform set_config('pipi.actor', 'engine:' || v_engine || ':' || p_clone, true);
  if v_d.finished_at is not null or v_d.status = 'awaiting-approval' or (v_d.status = 'accepted' and v_d.started_at is null) or exists (
    select from pipi.deployments e where e.workspace = v_d.workspace and e.position < v_d.position and e.finished_at is null
  ) then
    update pipi.leases set holder = null, deployment = null, expires_at = clock_timestamp() where workspace = v_d.workspace;
    return null;
  end if;

  if v_d.status not in ('accepted', 'assigned') then
    if v_d.attempt >= p_most_attempts then
      update pipi.leases set holder = null, deployment = null, expires_at = clock_timestamp() where workspace = v_d.workspace;
      update pipi.deployments set status = 'dead', error = jsonb_build_object(
        'code', 'engine.crashed', 'phase', v_d.status,
        'message', format('the engine stopped in the middle %s times, last while %s', v_d.attempt, v_d.status),
        'hint', 'look at its story and the engine''s log, mend the cause, then deploy again') where id = v_d.id;
      return null;
    end if;
    update pipi.deployments set status = 'accepted', attempt = attempt + 1 where id = v_d.id;
    v_d.status := 'accepted';
  end if;
  if v_d.cancel_requested_at is not null and v_d.attempt = 1 and v_d.started_at is null then
    update pipi.leases set holder = null, deployment = null, expires_at = clock_timestamp() where workspace = v_d.workspace;
    update pipi.deployments set status = 'cancelled' where id = v_d.id;
    return null;
  end if;
  update pipi.deployments
    set status = 'assigned', clone = p_clone, started_at = coalesce(started_at, clock_timestamp()), waiting_for = null
    where id = v_d.id returning * into v_d;

  select jsonb_build_object(
    'deployment', v_d.id, 'kind', v_d.kind, 'account', v_d.account,
    'workspace', jsonb_build_object('id', w.id, 'name', w.name),
    'engine', v_d.engine, 'region', v_d.region,
    'cloudAccount', pipi.account_of(c),
    'manifest', v_d.manifest, 'source', v_d.source, 'token', v_token, 'attempt', v_d.attempt, 'deleteData', v_d.delete_data)
    || jsonb_strip_nulls(jsonb_build_object('endsAt', pipi.iso(v_d.ends_at),
      'sealed', encode(v_d.sealed, 'base64'), 'credentials', encode(v_d.credentials, 'base64'), 'config', nullif(v_d.config, '{}'),
      'artifact', (select g.artifact_digest from pipi.deployments g where g.id = v_d.goes_back_to)))
    || case when v_d.kind = 'refresh' then jsonb_build_object('repair', v_d.repair, 'drift', w.drift, 'suspended', w.suspended) else '{}' end
  into v_order
  from pipi.workspaces w, pipi.cloud_accounts c where w.id = v_d.workspace and c.id = v_d.cloud_account;
  return v_order;
end $$;
