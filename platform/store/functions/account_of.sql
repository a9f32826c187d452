-- account_of(cloud account): as engines get it, {id, engine, plan, consentWatched, switch, staleUntil, armed}.
create or replace function pipi.account_of(p_c pipi.cloud_accounts) returns jsonb language sql stable as $$
  select jsonb_strip_nulls(jsonb_build_object('id', p_c.id, 'engine', p_c.engine, 'plan', p_c.plan, 'consentWatched', p_c.consent_watched,
    'switch', p_c.switch, 'staleUntil', pipi.iso(p_c.stale_until), 'armed', p_c.armed))
$$;

-- iso(time): ISO 8601 in UTC, as JSON has times.
create or replace function pipi.iso(p_at timestamptz) returns text language sql stable as $$
  select to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;
