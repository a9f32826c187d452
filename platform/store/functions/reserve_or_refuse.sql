-- reserve_or_refuse(deployment, lines, consent to watched)
-- Every other way of a reservation: something is held already, a scope is new, a period begins, money pays, or it does not
-- fit. Gives: null when all of it is reserved, else the facts of one refusal.
create or replace function pipi.reserve_or_refuse(p_d pipi.deployments, p_lines jsonb, p_consent boolean) returns jsonb language plpgsql as $$
declare
  v_begun boolean := pipi.lock_meters(p_d.cloud_account, jsonb_path_query_array(p_lines, '$[*].amounts[*]'));
  v_refusal jsonb;
begin
  begin
    if not pipi.reserve_more(p_d, p_lines, p_consent) and not pipi.pay(p_d, p_lines) then
      -- Never null: that would say that it is reserved.
      v_refusal := coalesce(pipi.refusal_of(p_d, p_lines, false), jsonb_build_object('code', 'lock.over-limit'));
    end if;
  exception when check_violation then
    v_refusal := coalesce(pipi.refusal_of(p_d, p_lines, true), jsonb_build_object('code', 'lock.over-limit'));
  end;
  if v_begun then perform pipi.tell_over(p_d.cloud_account); end if;
  return v_refusal;
end $$;
