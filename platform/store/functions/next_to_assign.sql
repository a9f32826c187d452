-- next_to_assign(most)
-- Gives: the deployments that may be assigned now, in fair order: only the first open one of its workspace; between
-- accounts whoever has least under way, then whoever has waited longest. Changes nothing. A suspend goes before all
-- others, whatever its account has under way, and so does what stands before one in its workspace (`urgent`). `started`: an engine
-- had begun it, so that something of it may exist.
drop function if exists pipi.next_to_assign(int);
create or replace function pipi.next_to_assign(p_most int)
returns table (id text, account text, workspace text, workspace_name text, engine text, kind text, region text, cloud_account text, attempt int, accepted_at timestamptz, urgent boolean, started boolean)
language sql stable as $$
  with busy as (
    select account, count(*) as n from pipi.deployments where finished_at is null and status <> 'accepted' group by account
  ), first as (
    select d.*, exists (select from pipi.deployments s where s.workspace = d.workspace and s.kind = 'suspend' and s.finished_at is null) as urgent,
      row_number() over (partition by d.account order by d.accepted_at, d.id) as turn
    from pipi.deployments d
    where d.finished_at is null and d.status = 'accepted' and (d.cancel_requested_at is null or d.started_at is not null)
      and not exists (select from pipi.deployments e where e.workspace = d.workspace and e.position < d.position and e.finished_at is null)
  )
  select f.id, f.account, f.workspace, w.name, f.engine, f.kind, f.region, f.cloud_account, f.attempt, f.accepted_at, f.urgent, f.started_at is not null
  from first f join pipi.workspaces w on w.id = f.workspace left join busy b on b.account = f.account
  order by f.urgent desc, case when f.urgent then 0 else f.turn + coalesce(b.n, 0) end, f.accepted_at, f.id limit p_most
$$;
