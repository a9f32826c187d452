-- engine.upload(deployment, token, digest): the bytes of the deployment's own uploaded source, and of no other.
create or replace function engine.upload(p_deployment text, p_token bigint, p_digest text)
returns bytea language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_d pipi.deployments := pipi.check_lease(p_deployment, p_token);
  v_bytes bytea;
begin
  if v_d.source ->> 'digest' is distinct from p_digest then
    raise exception 'deployment % has another source than %', p_deployment, p_digest using errcode = 'ZP004';
  end if;
  select bytes into v_bytes from pipi.uploads where account = v_d.account and digest = p_digest;
  if v_bytes is null then
    raise exception 'the uploaded source % is not there', p_digest using errcode = 'ZP003', hint = 'send it again';
  end if;
  return v_bytes;
end $$;
