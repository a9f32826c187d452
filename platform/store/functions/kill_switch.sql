-- may_make(kind, switch)
-- Whether a deployment of that kind may take or make anything while the kill switch stands so. What takes away, makes
-- stand still, looks, or puts up the account's own walls always may; a resume asks for an open switch like a deploy.
create or replace function pipi.may_make(p_kind text, p_switch text) returns boolean language sql immutable as $$
  select p_switch = 'open' or p_kind in ('destroy', 'suspend', 'refresh', 'secure')
$$;

-- stopped_of(deployment, cloud account, lines): the facts of a refusal by the kill switch.
create or replace function pipi.stopped_of(p_d pipi.deployments, p_c pipi.cloud_accounts, p_lines jsonb) returns jsonb language sql stable as $$
  select jsonb_build_object('code', 'lock.stopped', 'resource', coalesce(p_lines -> 0 ->> 'urn', ''), 'type', coalesce(p_lines -> 0 ->> 'type', ''),
    'cloudAccount', p_d.cloud_account, 'switch', p_c.switch, 'why', coalesce(p_c.switch_why, 'no reason given'), 'hint', pipi.switch_hint(p_d.engine))
$$;

-- switch_hint(engine): the way back.
create or replace function pipi.switch_hint(p_engine text) returns text language sql immutable as $$
  select format('see why with ./pipi account show %s; its owner opens it again with ./pipi account resume %s', p_engine, p_engine)
$$;
