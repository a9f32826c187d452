-- session_engine()
-- Gives: the code of the engine whose database role this connection has. Refuses any other role (ZP004).
create or replace function pipi.session_engine() returns text language plpgsql stable as $$
declare
  v_engine text;
begin
  select r.engine into v_engine from pipi.engine_roles r where r.role = session_user;
  if v_engine is null then
    raise exception 'the database role % is no engine''s', session_user using errcode = 'ZP004';
  end if;
  return v_engine;
end $$;
