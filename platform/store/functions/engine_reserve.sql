-- engine.reserve(deployment, token, [{urn, type, amounts: [{meter, scope, amount, bound, perHour, because}], replacing}])
-- Takes: what a deployment is going to have. What the workspace holds for a URN already counts once: only what is more
-- is added, and nothing is given back before settle.
-- Gives: null when all of it is reserved, else the facts of one refusal, and then nothing is reserved.
-- Guarantees: all or none, in the running period and in the next; free first, then money (pay.sql); nothing while the
-- kill switch is thrown; the CHECKs of pipi.meters have the last word; concurrent reservations lock in one order.
create or replace function engine.reserve(p_deployment text, p_token bigint, p_lines jsonb)
returns jsonb language plpgsql security definer set search_path = pg_catalog, pg_temp
-- Planned once: the plans are look-ups by key, and to make them takes longer than to follow them. By key also of a table that
-- was empty when it was last looked at.
set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  v_d pipi.deployments;
  v_c pipi.cloud_accounts;
begin
  -- Nobody else's lease comes in between: whoever moves one on locks it first.
  select d.id, d.workspace, d.account, d.cloud_account, d.kind, d.engine, d.ends_at, d.finished_at, c.id, c.switch, c.switch_why, c.consent_watched
    into v_d.id, v_d.workspace, v_d.account, v_d.cloud_account, v_d.kind, v_d.engine, v_d.ends_at, v_d.finished_at, v_c.id, v_c.switch, v_c.switch_why, v_c.consent_watched
    from pipi.deployments d
    join pipi.engine_roles r on r.engine = d.engine and r.role = session_user
    join pipi.cloud_accounts c on c.id = d.cloud_account
    where d.id = p_deployment;
  -- A statement of its own: its key comes from the first one, however few leases there are by the statistics.
  perform from pipi.leases l where l.workspace = v_d.workspace and l.token = p_token and l.deployment = p_deployment and l.holder is not null for no key update;
  -- It says why.
  if not found or v_d.finished_at is not null then v_d := pipi.check_lease(p_deployment, p_token); end if;

  if not pipi.may_make(v_d.kind, v_c.switch) then return pipi.stopped_of(v_d, v_c, p_lines); end if;
  begin
    if pipi.reserve_new(v_d, p_lines, v_c.consent_watched) then return null; end if;
    -- What was written of it is undone.
    raise exception 'not the common way' using errcode = 'ZP900';
  exception
    when sqlstate 'ZP900' then return pipi.reserve_or_refuse(v_d, p_lines, v_c.consent_watched);
    -- The arithmetic said yes and the constraint no: the constraint is right.
    when check_violation then return coalesce(pipi.refusal_of(v_d, p_lines, true), jsonb_build_object('code', 'lock.over-limit'));
  end;
end $$;
