-- engine.would_reserve(deployment, token, lines): what engine.reserve would answer now, for a preview.
-- Guarantees: the very same verdict, and nothing of it stays.
create or replace function engine.would_reserve(p_deployment text, p_token bigint, p_lines jsonb)
returns jsonb language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_refusal jsonb;
begin
  begin
    v_refusal := engine.reserve(p_deployment, p_token, p_lines);
    raise exception 'taken back' using errcode = 'ZP099';
  exception when sqlstate 'ZP099' then
    return v_refusal;
  end;
end $$;
