-- engine.tell(deployment, token, [{phase, level, text, data}])
-- Takes: lines of a deployment's story; a text over 8,000 characters is cut. Guarantees: numbered in the journal's
-- numbering, one wake-up per call.
create or replace function engine.tell(p_deployment text, p_token bigint, p_lines jsonb)
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_d pipi.deployments := pipi.check_lease(p_deployment, p_token);
begin
  -- Not worth waiting for the disk: a crash of the machine may lose the last lines of a story.
  perform set_config('synchronous_commit', 'off', true);
  perform pipi.write_story(v_d.account, v_d.id, p_lines);
end $$;
