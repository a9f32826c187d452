-- accept(request)
-- Takes: {id, workspaceId, account, kind, workspace, manifest, source, ref, commit, engine, region, cloudAccount, key,
-- digest, deleteData, by, endsAt, repair, goesBackTo, choice}. Gives: the deployment's id, and whether it is new.
-- Guarantees: workspace, deployment and journal record in one transaction; the same key with the same body gives the
-- same deployment, with another body ZP005; a destroy or refresh stays where the workspace is; a workspace that stands
-- at one engine or cloud account is not deployed to another (ZP002); an account speaks for its own cloud accounts only;
-- a domain that its manifest names is its own from now on, or ZP002; it is deployed with the configuration of now, and a
-- rollback with that of then.
create or replace function pipi.accept(p_r jsonb) returns table (id text, created boolean) language plpgsql as $$
declare
  v_w pipi.workspaces;
  v_before pipi.deployments;
  v_last pipi.deployments;
  v_kind text := p_r ->> 'kind';
  v_engine text := p_r ->> 'engine';
  v_region text := p_r ->> 'region';
  v_cloud text := p_r ->> 'cloudAccount';
  v_manifest jsonb := nullif(p_r -> 'manifest', 'null');
  v_source jsonb := nullif(p_r -> 'source', 'null');
begin
  if p_r ->> 'key' is not null then
    -- Two requests with one key at once: the second waits here and then sees the first.
    perform pg_advisory_xact_lock(hashtextextended('accept ' || (p_r ->> 'account') || ' ' || (p_r ->> 'key'), 0));
    select d.* into v_before from pipi.deployments d where d.account = p_r ->> 'account' and d.idempotency_key = p_r ->> 'key';
    if v_before.id is not null then
      if v_before.body_digest <> p_r ->> 'digest' then
        raise exception 'the idempotency key was used for deployment % with another request', v_before.id
          using errcode = 'ZP005', hint = 'send a new key with a new request';
      end if;
      id := v_before.id; created := false;
      return next;
      return;
    end if;
  end if;

  if v_kind in ('deploy', 'preview', 'secure') then
    insert into pipi.workspaces (id, account, name) values (p_r ->> 'workspaceId', p_r ->> 'account', p_r ->> 'workspace') on conflict (account, name) do nothing;
  end if;
  select w.* into v_w from pipi.workspaces w where w.account = p_r ->> 'account' and w.name = p_r ->> 'workspace' for no key update;
  if v_w.id is null then
    raise exception 'there is no workspace "%" in this account', p_r ->> 'workspace' using errcode = 'ZP003', hint = 'see ./pipi list';
  end if;

  select d.* into v_last from pipi.deployments d
    where d.workspace = v_w.id and d.kind in ('deploy', 'rollback', 'secure')
      -- Refused by the guard in the middle it may have left something; refused before, it has not.
      and (d.status not in ('refused', 'superseded') or v_w.live or exists (
        select from pipi.intents i where i.workspace = v_w.id and i.deployment = d.id and i.ended_at is null) or exists (
        select from pipi.holdings h where h.workspace = v_w.id and h.deployment = d.id and h.released_at is null)) order by d.position desc limit 1;
  if v_kind in ('destroy', 'refresh', 'rollback', 'suspend', 'resume') then
    v_engine := coalesce(v_w.engine, v_last.engine, v_engine);
    v_region := coalesce(v_w.region, v_last.region, v_region);
    v_cloud := coalesce(v_w.cloud_account, v_last.cloud_account, v_cloud);
    v_manifest := coalesce(v_manifest, v_w.manifest, v_last.manifest);
    v_source := coalesce(v_source, v_w.source, v_last.source);
    -- To stand still, to go on and to be compared is about what runs, not about the newest commit.
    if v_kind in ('suspend', 'resume', 'refresh') and v_source ->> 'kind' = 'git' and v_w.commit_sha is not null then
      v_source := v_source || jsonb_build_object('commit', v_w.commit_sha);
    end if;
    if v_manifest is null or v_source is null then
      raise exception 'workspace "%" was never deployed', v_w.name using errcode = 'ZP002', hint = 'there is nothing to ' || v_kind;
    end if;
  -- What is refused at once goes nowhere: it is in nobody's way.
  elsif v_kind in ('deploy', 'secure') and not coalesce((p_r ->> 'refused')::boolean, false) then
    if v_w.live and (v_w.engine <> v_engine or v_w.cloud_account <> v_cloud) then
      raise exception 'workspace "%" stands on %, not on %', v_w.name, pipi.place_of(v_w.engine, v_w.cloud_account, v_engine), pipi.place_of(v_engine, v_cloud, v_w.engine)
        using errcode = 'ZP002', hint = format('destroy it first (./pipi destroy %s), or deploy under another name', v_w.name);
    end if;
    select d.* into v_before from pipi.deployments d
      where d.workspace = v_w.id and d.kind in ('deploy', 'secure') and d.finished_at is null and (d.engine <> v_engine or d.cloud_account <> v_cloud) limit 1;
    if v_before.id is not null then
      raise exception 'workspace "%" is being deployed to % (%)', v_w.name, pipi.place_of(v_before.engine, v_before.cloud_account, v_engine), v_before.id
        using errcode = 'ZP002', hint = 'wait for it or cancel it, or deploy under another name';
    end if;
  end if;
  if not exists (
    select from pipi.account_clouds a join pipi.cloud_accounts c on c.id = a.cloud_account
    where a.account = p_r ->> 'account' and a.cloud_account = v_cloud and c.engine = v_engine) then
    raise exception 'cloud account "%" at % is not this account''s', v_cloud, v_engine using errcode = 'ZP004';
  end if;

  if v_kind in ('deploy', 'rollback') and not coalesce((p_r ->> 'refused')::boolean, false) then
    perform pipi.claim_domains(v_w.id, v_manifest);
  end if;

  update pipi.workspaces w set next_position = w.next_position + 1 where w.id = v_w.id;
  insert into pipi.deployments (id, account, workspace, position, kind, manifest, source, ref, commit_sha, engine, region, cloud_account,
    delete_data, requested_by, idempotency_key, body_digest, repair, goes_back_to, choice, config, ends_at)
  values (p_r ->> 'id', p_r ->> 'account', v_w.id, v_w.next_position, v_kind, v_manifest, v_source, p_r ->> 'ref', p_r ->> 'commit', v_engine, v_region, v_cloud,
    coalesce((p_r ->> 'deleteData')::boolean, false), p_r ->> 'by', p_r ->> 'key', p_r ->> 'digest',
    coalesce((p_r ->> 'repair')::boolean, false), p_r ->> 'goesBackTo', nullif(p_r -> 'choice', 'null'),
    case when v_kind in ('deploy', 'preview') then pipi.config_of(v_w.id)
      when v_kind = 'rollback' then coalesce((select g.config from pipi.deployments g where g.id = p_r ->> 'goesBackTo'), '{}')
      else v_w.config end,
    -- Whatever is done with what stands, its promised end stays.
    case when v_kind in ('deploy', 'preview', 'secure') then (p_r ->> 'endsAt')::timestamptz else v_w.ends_at end);
  id := p_r ->> 'id'; created := true;
  return next;
end $$;

-- place_of(engine, cloud account, the other engine): a place in words that tell it from the other one.
create or replace function pipi.place_of(p_engine text, p_cloud text, p_other text) returns text language sql immutable as $$
  select case when p_engine = p_other then format('%s (cloud account %s)', p_engine, p_cloud) else p_engine end
$$;
