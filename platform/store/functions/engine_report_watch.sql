-- engine.report_watch(cloud account, kind, clone, report)
-- Takes: {ok: true, kind, usage | found | check}, or {ok: false, code, message, hint}.
-- Guarantees: only from the clone that has the watch (ZP001); what was seen is in the ledger in the same transaction. A
-- failure is told, and it is due again after a pause that doubles up to its usual one.
create or replace function engine.report_watch(p_cloud_account text, p_kind text, p_clone text, p_report jsonb)
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_engine text := pipi.session_engine();
  v_w pipi.watches;
  v_failures int;
  v_result jsonb;
begin
  select w.* into v_w from pipi.watches w join pipi.cloud_accounts c on c.id = w.cloud_account
    where w.cloud_account = p_cloud_account and w.kind = p_kind and c.engine = v_engine for no key update of w;
  if v_w.cloud_account is null then
    raise exception 'there is no % watch of "%" at %', p_kind, p_cloud_account, v_engine using errcode = 'ZP003';
  end if;
  if v_w.taken_by is distinct from p_clone then
    raise exception 'the % watch of "%" is % now', p_kind, p_cloud_account, coalesce('with ' || v_w.taken_by, 'with nobody')
      using errcode = 'ZP001', hint = 'what was seen is dropped: another look is made';
  end if;

  if not (p_report ->> 'ok')::boolean then
    v_failures := coalesce((v_w.error ->> 'failures')::int, 0) + 1;
    update pipi.watches set taken_by = null, taken_until = null, asked = false,
      error = p_report - 'ok' || jsonb_build_object('failures', v_failures, 'at', clock_timestamp()),
      due_at = pipi.ledger_now() + least(every_ms, 15000 * 2 ^ least(v_failures - 1, 20)) * interval '1 ms'
      where cloud_account = p_cloud_account and kind = p_kind;
    -- Once when it begins, and again when it has lasted: nobody sees what is used there.
    if v_failures in (1, 5) then
      perform pipi.tell_owners(p_cloud_account, 'engine:' || v_engine || ':' || p_clone, 'watch.failed',
        jsonb_build_object('engine', v_engine, 'watch', p_kind, 'failures', v_failures) || (p_report - 'ok'));
    end if;
    return;
  end if;

  if p_kind = 'usage' then
    perform pipi.observe(p_cloud_account, p_report -> 'usage' -> 'readings');
    v_result := jsonb_strip_nulls(jsonb_build_object('at', extract(epoch from pipi.ledger_now()) * 1000, 'charged', p_report -> 'usage' -> 'charged',
      'readings', pipi.with_before(p_report -> 'usage' -> 'readings', v_w.result -> 'readings')));
  elsif p_kind = 'survey' then
    -- What was begun or has ended since the look began may be in it or not.
    v_result := jsonb_build_object('began', v_w.taken_until - pipi.longest_look(), 'found', p_report -> 'found', 'types', p_report -> 'types',
      'beside', coalesce(v_w.result -> 'beside', '[]'));
  else
    perform pipi.record_check(p_cloud_account, p_report -> 'check');
    v_result := p_report -> 'check';
  end if;
  update pipi.watches set taken_by = null, taken_until = null, asked = false, error = null, result = v_result, done_at = clock_timestamp(),
    due_at = pipi.ledger_now() + every_ms * interval '1 ms' where cloud_account = p_cloud_account and kind = p_kind;
  if v_w.error is not null and (v_w.error ->> 'failures')::int >= 1 then
    perform pipi.tell_owners(p_cloud_account, 'engine:' || v_engine || ':' || p_clone, 'watch.works', jsonb_build_object('engine', v_engine, 'watch', p_kind));
  end if;
end $$;

-- with_before(readings, the last ones)
-- Gives: each reading as {meter, scope, total, until, since, before: {total, until}}: since when the total is this one, and
-- the last other total with when it was first seen. Two different totals make a speed: some platforms say the same for a
-- day, and then a whole day's use at once.
create or replace function pipi.with_before(p_readings jsonb, p_last jsonb) returns jsonb language sql immutable as $$
  select coalesce(jsonb_agg(jsonb_build_object('meter', n.value -> 'meter', 'scope', n.value -> 'scope', 'total', n.value -> 'total', 'until', n.value -> 'until',
    'since', case when o.value ->> 'total' = n.value ->> 'total' then o.value -> 'since' else n.value -> 'until' end,
    'before', case when o.value ->> 'total' = n.value ->> 'total' then o.value -> 'before'
      when o.value is not null then jsonb_build_object('total', o.value -> 'total', 'until', o.value -> 'since') end)), '[]')
  from jsonb_array_elements(coalesce(p_readings, '[]')) n
  left join lateral (select l.value from jsonb_array_elements(coalesce(p_last, '[]')) l
    where l.value ->> 'meter' = n.value ->> 'meter' and l.value ->> 'scope' = n.value ->> 'scope' limit 1) o on true
$$;
