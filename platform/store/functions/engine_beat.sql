-- engine.beat(beat)
-- Takes: a clone's sign of life. Gives: `drain` when it is to take no new work, else `work`. A change of its
-- state is announced on the channel pipi_clones.
create or replace function engine.beat(p_beat jsonb)
returns text language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_engine text := pipi.session_engine();
  v_drain boolean;
  v_before text;
begin
  -- Not worth waiting for the disk: a lost one is said again.
  perform set_config('synchronous_commit', 'off', true);
  if p_beat ->> 'engine' <> v_engine then
    raise exception 'a clone of % cannot speak for %', v_engine, p_beat ->> 'engine' using errcode = 'ZP004';
  end if;
  select c.state into v_before from pipi.clones c where c.id = p_beat ->> 'clone';
  insert into pipi.clones as c (id, engine, host, pid, state, running, capacity)
  values (p_beat ->> 'clone', v_engine, p_beat ->> 'host', (p_beat ->> 'pid')::int, p_beat ->> 'state', p_beat -> 'running', (p_beat ->> 'capacity')::int)
  on conflict (id) do update
    set state = excluded.state, running = excluded.running, pid = excluded.pid, capacity = excluded.capacity, beat_at = clock_timestamp()
    where c.engine = v_engine
  returning c.drain into v_drain;
  if v_drain is null then
    raise exception 'the clone name % belongs to another engine', p_beat ->> 'clone' using errcode = 'ZP004';
  end if;
  -- A clone that is born, free or gone may change what is to be assigned: nobody has to poll for it.
  if v_before is distinct from p_beat ->> 'state' then
    perform pg_notify('pipi_clones', json_build_object('clone', p_beat ->> 'clone', 'engine', v_engine, 'state', p_beat ->> 'state')::text);
  end if;
  return case when v_drain then 'drain' else 'work' end;
end $$;
