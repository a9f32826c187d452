-- write_journal(account, workspace, deployment, actor, event, data)
-- Takes: who did what to what. Gives: the record's number.
-- Guarantees: numbers are given in the order of commits (a lock held until the commit), so that a reader who has seen
-- number N never misses one below it. Call it last in a transaction: whoever holds the lock must not wait for rows.
create or replace function pipi.write_journal(
  p_account text, p_workspace text, p_deployment text, p_actor text, p_event text, p_data jsonb default '{}'
) returns bigint language plpgsql as $$
declare
  v_seq bigint;
begin
  perform pg_advisory_xact_lock(7061702);
  v_seq := nextval('pipi.seq');
  insert into pipi.journal (seq, account, workspace, deployment, actor, event, data)
  values (v_seq, p_account, p_workspace, p_deployment, p_actor, p_event, coalesce(p_data, '{}'));
  perform pg_notify('pipi_journal', json_build_object(
    'seq', v_seq, 'kind', 'journal', 'account', p_account, 'workspace', p_workspace, 'deployment', p_deployment, 'event', p_event
  )::text);
  return v_seq;
end $$;
