-- record_check(cloud account, {id, plan, findings: [{what, ok, why, hint, guard}]})
-- Takes: what the platform itself says of the account. Guarantees: an id or plan that is not the claimed one, or a
-- finding that is not a mere wall of the account's own, disarms it: nothing is deployed there until it is right again.
-- A change is told.
create or replace function pipi.record_check(p_cloud_account text, p_check jsonb) returns void language plpgsql as $$
declare
  v_c pipi.cloud_accounts;
  v_findings jsonb;
  v_armed boolean;
begin
  select * into v_c from pipi.cloud_accounts where id = p_cloud_account for no key update;
  v_findings := pipi.findings_of(v_c.id, v_c.plan, p_check);
  v_armed := pipi.is_armed(v_findings);
  update pipi.cloud_accounts set armed = v_armed, findings = v_findings, checked_at = clock_timestamp() where id = p_cloud_account;
  if v_c.armed is distinct from v_armed then
    perform pipi.tell_owners(p_cloud_account, 'platform', case when v_armed then 'account.armed' else 'account.mismatch' end,
      jsonb_build_object('engine', v_c.engine, 'findings', (
        select coalesce(jsonb_agg(f.value), '[]') from jsonb_array_elements(v_findings) f where not (f.value ->> 'ok')::boolean)));
  end if;
end $$;

-- findings_of(claimed id, claimed plan, check): those of the check, before them what differs from what was claimed.
create or replace function pipi.findings_of(p_id text, p_plan text, p_check jsonb) returns jsonb language plpgsql immutable as $$
declare
  v_findings jsonb := coalesce(p_check -> 'findings', '[]');
begin
  if p_check ->> 'plan' <> p_plan then
    v_findings := jsonb_build_array(jsonb_build_object('what', 'plan', 'ok', false,
      'why', format('the platform says "%s", claimed is "%s"', p_check ->> 'plan', p_plan),
      'hint', 'state the plan that the account really has: its free limits are others')) || v_findings;
  end if;
  if p_check ->> 'id' <> p_id then
    v_findings := jsonb_build_array(jsonb_build_object('what', 'account', 'ok', false,
      'why', format('the credentials are of account "%s", claimed is "%s"', p_check ->> 'id', p_id),
      'hint', 'state the account that is really billed, or give its own credentials')) || v_findings;
  end if;
  return v_findings;
end $$;

-- is_armed(findings): no finding speaks against the account but for mere walls of its own.
create or replace function pipi.is_armed(p_findings jsonb) returns boolean language sql immutable as $$
  select not exists (select from jsonb_array_elements(p_findings) f
    where not (f.value ->> 'ok')::boolean and not coalesce((f.value ->> 'guard')::boolean, false))
$$;
