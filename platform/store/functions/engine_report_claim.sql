-- engine.report_claim(account, clone, report)
-- Takes: what the platform says of the credentials that an account brought: {ok: true, check} or {ok: false, code, message, hint}.
-- Guarantees: only from the clone that has the claim, and about what it was given (ZP001); credentials of another cloud
-- account or on another plan than claimed are not armed: nothing is done with them. Nobody else's account is touched. A
-- failure is asked again after a pause that doubles.
create or replace function engine.report_claim(p_account text, p_clone text, p_report jsonb)
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_engine text := pipi.session_engine();
  v_k pipi.claims;
  v_findings jsonb;
  v_failures int;
  v_armed boolean;
begin
  select * into v_k from pipi.claims where account = p_account and engine = v_engine and own for no key update;
  if v_k.account is null or v_k.taken_by is distinct from p_clone then
    raise exception 'the credentials of that account were changed meanwhile' using errcode = 'ZP001', hint = 'what was seen is dropped: another look is made';
  end if;
  if not (p_report ->> 'ok')::boolean then
    v_failures := coalesce((v_k.error ->> 'failures')::int, 0) + 1;
    update pipi.claims set taken_by = null, taken_until = null, asked = false,
      error = p_report - 'ok' || jsonb_build_object('failures', v_failures, 'at', pipi.iso(clock_timestamp())),
      due_at = pipi.ledger_now() + least(interval '1 day', 15000 * 2 ^ least(v_failures - 1, 20) * interval '1 ms')
      where account = p_account and engine = v_engine and own;
    return;
  end if;
  v_findings := pipi.findings_of(v_k.cloud_account, v_k.plan, p_report -> 'check');
  v_armed := pipi.is_armed(v_findings);
  update pipi.claims set taken_by = null, taken_until = null, asked = false, error = null, armed = v_armed, findings = v_findings,
    checked_at = clock_timestamp(), due_at = pipi.ledger_now() + interval '1 day' where account = p_account and engine = v_engine and own;
  if v_k.armed is distinct from v_armed then
    perform pipi.write_journal(p_account, null, null, 'platform', case when v_armed then 'account.armed' else 'account.mismatch' end,
      jsonb_build_object('cloudAccount', v_k.cloud_account, 'engine', v_engine, 'findings', (
        select coalesce(jsonb_agg(f.value), '[]') from jsonb_array_elements(v_findings) f where not (f.value ->> 'ok')::boolean)));
  end if;
end $$;
