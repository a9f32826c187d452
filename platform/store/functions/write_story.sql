-- write_story(account, deployment, [{phase, level, text, data}])
-- Takes: lines in their order. Guarantees: as write_journal: numbers follow commits; call it last in a transaction.
create or replace function pipi.write_story(p_account text, p_deployment text, p_lines jsonb) returns void language plpgsql as $$
begin
  if jsonb_array_length(p_lines) = 0 then return; end if;
  perform pg_advisory_xact_lock(7061702);
  insert into pipi.story (seq, account, deployment, phase, level, text, data)
  select nextval('pipi.seq'), p_account, p_deployment, line ->> 'phase', line ->> 'level', left(line ->> 'text', 8000), line -> 'data'
  from (select line from jsonb_array_elements(p_lines) with ordinality as t(line, n) order by n) as lines;
  perform pg_notify('pipi_journal', json_build_object(
    'seq', currval('pipi.seq'), 'kind', 'story', 'account', p_account, 'deployment', p_deployment)::text);
end $$;
