-- The rules of a deployment's life, as triggers on its table.
-- Takes: every insert and every change of status, whoever makes it.
-- Guarantees: only legal transitions (pipi.transitions, the copy of factory/contract/status.ts); a final state never
-- changes; deadline and times are set by the database's clock; every change has its journal record in the same
-- transaction, by the actor in the setting pipi.actor.
create or replace function pipi.deployment_before() returns trigger language plpgsql as $$
begin
  if new.status = old.status then
    if old.finished_at is not null and new is distinct from old then
      raise exception 'deployment % is % and stays so', old.id, old.status using errcode = 'ZP002';
    end if;
    return new;
  end if;
  if not exists (select from pipi.transitions where from_status = old.status and to_status = new.status) then
    raise exception 'deployment % cannot go from % to %', old.id, old.status, new.status
      using errcode = 'ZP002', hint = 'the legal ways stand in factory/contract/status.ts';
  end if;
  new.deadline_at := clock_timestamp() + (select ms from pipi.deadlines where status = new.status) * interval '1 ms';
  if new.deadline_at is null then
    new.finished_at := clock_timestamp();
    new.waiting_for := null;
    -- Secrets were its engine's for as long as it ran.
    new.sealed := null;
    new.credentials := null;
  end if;
  if new.status = 'assigned' then new.assigned_at := clock_timestamp(); end if;
  return new;
end $$;

create or replace function pipi.deployment_inserted() returns trigger language plpgsql as $$
begin
  if new.status <> 'accepted' then
    raise exception 'a deployment begins accepted, not %', new.status using errcode = 'ZP002';
  end if;
  new.deadline_at := clock_timestamp() + (select ms from pipi.deadlines where status = 'accepted') * interval '1 ms';
  return new;
end $$;

create or replace function pipi.deployment_after() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and new.status = old.status and new.waiting_for is not distinct from old.waiting_for
     and new.cancel_requested_at is not distinct from old.cancel_requested_at then
    return null;
  end if;
  perform pipi.write_journal(
    new.account, new.workspace, new.id,
    coalesce(nullif(current_setting('pipi.actor', true), ''), new.requested_by, 'platform'),
    case
      when tg_op = 'INSERT' or new.status <> old.status then 'deployment.' || new.status
      when new.cancel_requested_at is distinct from old.cancel_requested_at then 'deployment.cancel-requested'
      else 'deployment.waiting'
    end,
    jsonb_strip_nulls(jsonb_build_object(
      'from', case when tg_op = 'UPDATE' then old.status end, 'status', new.status, 'kind', new.kind,
      'engine', new.engine, 'attempt', new.attempt, 'clone', new.clone, 'waitingFor', new.waiting_for,
      'commit', new.commit_sha, 'refusal', new.refusal -> 'code', 'error', new.error -> 'code')));
  return null;
end $$;

create or replace trigger deployment_inserted before insert on pipi.deployments
  for each row execute function pipi.deployment_inserted();
create or replace trigger deployment_before before update on pipi.deployments
  for each row execute function pipi.deployment_before();
create or replace trigger deployment_after after insert or update on pipi.deployments
  for each row execute function pipi.deployment_after();
