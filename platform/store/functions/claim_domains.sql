-- claim_domains(workspace, manifest)
-- Takes: what is about to be deployed. Guarantees: each domain that its components name is this workspace's, or ZP002;
-- one whose holder neither stands nor is on its way to is free again. Whose it is else is not said: accounts are walls.
create or replace function pipi.claim_domains(p_workspace text, p_manifest jsonb) returns void language plpgsql as $$
declare
  v_domain text;
begin
  -- In one order, so that two who want the same two do not wait for each other.
  for v_domain in select distinct d from jsonb_path_query(p_manifest, '$.components[*].domains[*]') x(v), lateral (select x.v #>> '{}' as d) t order by d loop
    insert into pipi.domains as o (domain, workspace) values (v_domain, p_workspace)
    on conflict (domain) do update set workspace = excluded.workspace, claimed_at = clock_timestamp()
    where o.workspace = excluded.workspace
      or (not exists (select from pipi.workspaces w where w.id = o.workspace and w.live)
        and not exists (select from pipi.deployments d where d.workspace = o.workspace and d.finished_at is null and d.kind in ('deploy', 'rollback')));
    if not found then
      raise exception 'the domain "%" is another workspace''s', v_domain
        using errcode = 'ZP002', hint = 'take it out of the manifest, or destroy the workspace that has it';
    end if;
  end loop;
end $$;

-- keep_domains(workspace, manifest): what stands now keeps its domains, and gives the others back.
create or replace function pipi.keep_domains(p_workspace text, p_manifest jsonb) returns void language sql as $$
  delete from pipi.domains o where o.workspace = p_workspace
    and not exists (select from jsonb_path_query(p_manifest, '$.components[*].domains[*]') x(v) where x.v #>> '{}' = o.domain)
    and not exists (select from pipi.deployments d, jsonb_path_query(d.manifest, '$.components[*].domains[*]') x(v)
      where d.workspace = p_workspace and d.finished_at is null and d.kind in ('deploy', 'rollback') and x.v #>> '{}' = o.domain)
$$;
