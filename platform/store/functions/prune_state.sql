-- prune_state(engine, workspace, all)
-- Takes: a workspace under its newest token. Guarantees: of the rows that the CLI leaves at every run (history, backups)
-- the last five of each remain; with `all` (destroyed, nothing left) only the empty stack itself does, so that the next
-- deployment of the workspace need not make it again.
create or replace function pipi.prune_state(p_engine text, p_workspace text, p_all boolean) returns void language plpgsql as $$
declare
  v_table text := format('pulumi_%s.%s_state', p_engine, p_engine);
begin
  if to_regclass(v_table) is null then return; end if;
  if p_all then
    execute format('delete from %s where key ~ $1 and key !~ $2', v_table) using '/' || p_workspace || '(\.|/|$)', '/\.pulumi/stacks/.*\.json$';
    return;
  end if;
  execute format($sql$
    delete from %s s using (
      select key, row_number() over (partition by substring(key from '/\.pulumi/([a-z]+)/'), key like '%%.history.json' or key like '%%.history.json.gz' order by key desc) as n
      from %s where key ~ '/\.pulumi/(history|backups)/' and key ~ $1
    ) old where s.key = old.key and old.n > 5 $sql$, v_table, v_table) using '/' || p_workspace || '(\.|/|$)';
end $$;
