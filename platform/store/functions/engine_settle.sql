-- engine.settle(deployment, token, settlement)
-- Takes: {status, resources: [{urn, type, id, amounts, keep}] or null, stateMissing, outputs, commit, artifactDigest,
-- refusal, error, drift}.
-- Guarantees: in one transaction what exists replaces what was held (null: everything stays held, what was only
-- reserved is uncertain; with `keep` a resource takes no less than before); what an open intent may still bring about
-- stays held as uncertain; what stands still holds as much as before; the final state is set; the lease is given back
-- and its token moves on; the journal has it. The same settlement again is nothing.
create or replace function engine.settle(p_deployment text, p_token bigint, p_settlement jsonb)
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_d pipi.deployments;
  v_resources jsonb := nullif(p_settlement -> 'resources', 'null');
  v_gone boolean;
  v_done boolean := p_settlement ->> 'status' = 'succeeded';
  v_ends timestamptz;
begin
  if exists (select from pipi.deployments d where d.id = p_deployment and d.engine = pipi.session_engine()
    and d.settled_token = p_token and d.status = p_settlement ->> 'status') then return; end if;
  v_d := pipi.check_lease(p_deployment, p_token);

  -- What has resources and no state any more (a table emptied, or restored from before): nothing says that they are gone.
  if (p_settlement ->> 'stateMissing')::boolean and exists (select from pipi.resources where workspace = v_d.workspace) then
    v_resources := null;
    if v_d.kind = 'destroy' and p_settlement ->> 'status' = 'succeeded' then
      p_settlement := p_settlement || jsonb_build_object('status', 'failed', 'error', jsonb_build_object(
        'code', 'recovery.needs-decision', 'phase', v_d.status, 'message', 'the state of the workspace is lost, so nothing that it made was deleted',
        'hint', 'deploy it again, which adopts what it finds at the platform, then destroy it'));
    end if;
  end if;

  if v_d.kind = 'preview' then
    v_resources := null;
  elsif v_resources is null then
    update pipi.holdings set state = 'uncertain' where workspace = v_d.workspace and state = 'reserved';
  else
    v_resources := pipi.at_least_held(v_d, v_resources);
    -- A promised end binds what stands only once the deployment that promised it has succeeded.
    v_ends := case when v_done then pipi.end_of(v_d) end;
    perform pipi.replace_holdings(v_d, v_resources, v_ends);
    delete from pipi.resources where workspace = v_d.workspace;
    insert into pipi.resources (workspace, urn, type, id, deployment, amounts)
    select v_d.workspace, r ->> 'urn', r ->> 'type', r ->> 'id', v_d.id, coalesce(r -> 'amounts', '[]') from jsonb_array_elements(v_resources) r
    on conflict do nothing;
  end if;

  v_done := p_settlement ->> 'status' = 'succeeded';
  v_gone := v_d.kind = 'destroy' and v_done and v_resources = '[]';
  if v_done and v_d.kind in ('deploy', 'rollback', 'secure') then
    update pipi.workspaces set engine = v_d.engine, cloud_account = v_d.cloud_account, region = v_d.region, manifest = v_d.manifest, config = v_d.config,
      source = v_d.source, commit_sha = coalesce(p_settlement ->> 'commit', v_d.commit_sha), outputs = coalesce(p_settlement -> 'outputs', '{}'),
      live = true, suspended = false, ends_at = case when v_d.kind = 'rollback' then coalesce(v_d.ends_at, ends_at) else v_d.ends_at end where id = v_d.workspace;
    perform pipi.keep_domains(v_d.workspace, v_d.manifest);
    perform pipi.restore_config(v_d);
  elsif v_gone then
    perform pipi.keep_domains(v_d.workspace, '{}');
    update pipi.workspaces set live = false, outputs = '{}', commit_sha = null, ends_at = null, suspended = false where id = v_d.workspace;
  elsif v_resources is not null then
    update pipi.workspaces set live = jsonb_array_length(v_resources) > 0,
      engine = v_d.engine, cloud_account = v_d.cloud_account, region = v_d.region,
      -- What a first deployment left behind goes when that was promised to go.
      ends_at = case when not live and v_d.kind = 'deploy' then v_d.ends_at else ends_at end,
      suspended = case when v_done and v_d.kind in ('suspend', 'resume') then v_d.kind = 'suspend' else suspended end,
      -- What was set back may answer elsewhere; what was taken down but for its data answers no more.
      outputs = case when v_done and v_d.kind in ('refresh', 'destroy') then coalesce(nullif(p_settlement -> 'outputs', 'null'), outputs) else outputs end
      where id = v_d.workspace;
  end if;
  -- Compared, or made anew: what differed before is of no more interest. A refresh alone leaves what it found (note_drift).
  if v_done and v_d.kind in ('deploy', 'rollback', 'secure', 'refresh', 'destroy') then
    update pipi.workspaces set compared_at = pipi.ledger_now(),
      drift = case when v_d.kind = 'refresh' and not coalesce((p_settlement -> 'drift' ->> 'repaired')::boolean, false) then drift else '[]' end
      where id = v_d.workspace;
  end if;

  perform set_config('pipi.token', p_token::text, true);
  perform pipi.prune_state(v_d.engine, v_d.workspace, v_gone);
  update pipi.leases set token = token + 1, holder = null, deployment = null, expires_at = clock_timestamp() where workspace = v_d.workspace;
  update pipi.deployments set status = p_settlement ->> 'status', settled_token = p_token,
    outputs = coalesce(nullif(p_settlement -> 'outputs', 'null'), '{}'),
    resources = coalesce((select jsonb_agg(jsonb_build_object('urn', r ->> 'urn', 'type', r ->> 'type', 'id', r ->> 'id', 'demand', coalesce(r -> 'amounts', '[]')))
      from jsonb_array_elements(v_resources) r), '[]'),
    commit_sha = coalesce(p_settlement ->> 'commit', commit_sha), artifact_digest = p_settlement ->> 'artifactDigest',
    drift = nullif(p_settlement -> 'drift', 'null'),
    refusal = nullif(p_settlement -> 'refusal', 'null'), error = nullif(p_settlement -> 'error', 'null')
    where id = v_d.id;
  perform pipi.tell_over(v_d.cloud_account);
end $$;
