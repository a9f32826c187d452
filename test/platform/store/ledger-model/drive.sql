-- A client of the ledger: a list of numbers, each one operation through the engine's own functions in a transaction of its
-- own. What it expects to hold is written in that same transaction, so that after a crash it goes on where it was.
create table audit.client (
  n int primary key, account text not null, cloud_account text not null, deployment text, token bigint, ends boolean not null, done int not null default 0, granted int not null default 0, refused int not null default 0
);
-- What the client's workspace holds: what exists, what is reserved beside it, and what the resource is to have.
create table audit.want (client int, urn text, meter text, existed numeric not null default 0, reserved numeric not null default 0, last numeric not null default 0, primary key (client, urn, meter));

create function audit.lines(p_client int, p_urn text, p_mask int, p_size int, p_replacing boolean) returns jsonb language sql stable as $$
  select jsonb_build_array(jsonb_build_object('urn', p_urn, 'type', 't', 'replacing', p_replacing, 'amounts', (
    select jsonb_agg(jsonb_build_object('meter', l.meter, 'scope', '', 'amount', 1 + (p_size + l.i) % 5, 'bound', case when l.meter like '%watched' then 'watched' else 'proven' end,
      'perHour', (1 + (p_size + l.i) % 5) / 100.0, 'because', 'model'))
    from (select meter, row_number() over (order by meter)::int - 1 as i from audit.limits where cloud_account = (select c.cloud_account from audit.client c where c.n = p_client)) l where (p_mask >> l.i) & 1 = 1)))
$$;

create function audit.open(p_c audit.client, p_op int) returns void language plpgsql as $$
declare
  v_id text := 'd' || lpad(p_c.n::text || 'x' || p_c.done::text, 20, '0');
  v_ends timestamptz := case when p_c.ends and p_op % 3 = 0 then audit.now() + (1 + p_op % 1200) * interval '1 hour' end;
begin
  perform pipi.accept(jsonb_build_object('id', v_id, 'workspaceId', 'w' || lpad(p_c.n::text, 20, '0'), 'account', p_c.account, 'kind', 'deploy', 'workspace', 'w' || p_c.n,
    'manifest', jsonb_build_object('name', 'w'), 'source', jsonb_build_object('kind', 'upload'), 'engine', 'aws', 'region', 'r', 'cloudAccount', p_c.cloud_account, 'digest', 'x', 'endsAt', v_ends));
  update pipi.deployments set status = 'assigned' where id = v_id;
  update audit.client c set deployment = v_id, token = (engine.take(v_id, 'client', 60000) ->> 'token')::bigint where c.n = p_c.n;
end $$;

create function audit.resources(p_client int, p_keep int) returns jsonb language sql stable as $$
  select coalesce(jsonb_agg(r.line), '[]') from (
    select jsonb_build_object('urn', w.urn, 'type', 't', 'id', 'id-' || w.urn, 'amounts', jsonb_agg(jsonb_build_object('meter', w.meter, 'scope', '', 'amount', w.last,
      'bound', case when w.meter like '%watched' then 'watched' else 'proven' end, 'perHour', w.last / 100.0, 'because', 'model'))) as line
    from audit.want w where w.client = p_client and w.last > 0 and (p_keep >> right(w.urn, 1)::int) & 1 = 1 group by w.urn) r
$$;

-- Who is refused was refused for a reason: what it asks did not fit one of the meters, which are still locked. (Time may
-- have been moved on since it began: then it asks for less of the period.)
create function audit.refused(p_c audit.client, p_line jsonb) returns void language plpgsql as $$
begin
  if exists (select from pipi.holdings h where h.workspace = 'w' || lpad(p_c.n::text, 20, '0') and h.state <> 'released' and h.ends_at is not null)
    or exists (select from pipi.deployments d where d.id = p_c.deployment and d.ends_at is not null) then return; end if;
  if not exists (
    select from jsonb_array_elements(p_line -> 'amounts') a
    join pipi.meters m on m.cloud_account = p_c.cloud_account and m.meter = a.value ->> 'meter'
    join audit.limits l on l.cloud_account = m.cloud_account and l.meter = m.meter
    left join audit.want w on w.client = p_c.n and w.urn = p_line ->> 'urn' and w.meter = m.meter
    cross join lateral (select greatest((a.value ->> 'amount')::float8 - coalesce(w.reserved, 0) - case when (p_line ->> 'replacing')::boolean then 0 else coalesce(w.existed, 0) end, 0) as more) k
    where m.held::float8 + m.used::float8 + k.more * case when m.period in ('month', 'day') and m.meter not like '%watched'
        then audit.share(m.period, greatest(audit.began(), audit.first(m.period, m.period_key)), audit.after(m.period, audit.first(m.period, m.period_key))) else 1 end > l.most - 1e-6
      or m.standing::float8 + k.more > l.most - 1e-6
  ) then perform audit.blame('refused without a reason', null, p_line); end if;
end $$;

create function audit.step(p_client int, p_op int) returns void language plpgsql security definer as $$
declare
  v_c audit.client;
  v_kind int := p_op % 20;
  v_r int := p_op / 20;
  v_lines jsonb;
  v_refusal jsonb;
begin
  perform set_config('audit.began', audit.now()::text, true);
  select * into v_c from audit.client c where c.n = p_client;
  if v_c.deployment is null then
    perform audit.open(v_c, v_r);
  elsif v_kind <= 13 then
    v_lines := audit.lines(p_client, 'urn::u' || v_r % 4, 1 + (v_r / 4) % 31, (v_r / 124) % 5, v_kind = 13);
    v_refusal := engine.reserve(v_c.deployment, v_c.token, v_lines);
    if v_refusal is null then
      insert into audit.want as w (client, urn, meter, reserved, last)
      select p_client, v_lines -> 0 ->> 'urn', a.value ->> 'meter', (a.value ->> 'amount')::numeric, (a.value ->> 'amount')::numeric from jsonb_array_elements(v_lines -> 0 -> 'amounts') a
      on conflict (client, urn, meter) do update set last = excluded.last,
        reserved = w.reserved + greatest(excluded.last - w.reserved - case when v_kind = 13 then 0 else w.existed end, 0);
      update audit.client set granted = granted + 1 where n = p_client;
    else
      if v_refusal ->> 'code' <> 'lock.over-limit' then perform audit.blame('an odd refusal', null, v_refusal); end if;
      perform audit.refused(v_c, v_lines -> 0);
      update audit.client set refused = refused + 1 where n = p_client;
    end if;
  elsif v_kind = 14 then
    perform engine.hand_back(v_c.deployment, v_c.token, 'crash');
    update audit.client c set token = (engine.take(v_c.deployment, 'client', 60000) ->> 'token')::bigint where c.n = p_client;
  elsif v_kind = 15 then
    begin
      perform engine.reserve(v_c.deployment, v_c.token - 1, audit.lines(p_client, 'urn::stale', 31, 1, false));
      perform audit.blame('a lease that was lost reserved', null, to_jsonb(v_c));
    exception when sqlstate 'ZP001' then null;
    end;
  elsif v_kind = 16 then
    -- Nobody knows what exists: everything stays held.
    perform engine.settle(v_c.deployment, v_c.token, jsonb_build_object('status', 'failed', 'resources', null));
    update audit.client set deployment = null where n = p_client;
  else
    -- 17, 18: some of it exists, and the rest is given back; 19: nothing does.
    v_lines := audit.resources(p_client, case when v_kind = 19 then 0 else v_r % 16 end);
    perform engine.settle(v_c.deployment, v_c.token, jsonb_build_object('status', 'failed', 'resources', v_lines));
    update audit.want w set reserved = 0, existed = coalesce((
      select (a.value ->> 'amount')::numeric from jsonb_array_elements(v_lines) l, jsonb_array_elements(l.value -> 'amounts') a where l.value ->> 'urn' = w.urn and a.value ->> 'meter' = w.meter), 0)
      where w.client = p_client;
    delete from audit.want w where w.client = p_client and w.existed = 0;
    update audit.client set deployment = null where n = p_client;
  end if;
  if p_op % 8 = 0 or v_kind > 15 then
    if exists (
      select from (select w.urn, w.meter, w.existed + w.reserved as amount from audit.want w where w.client = p_client) w
      full join (select h.urn, h.meter, sum(h.amount) as amount from pipi.holdings h where h.workspace = 'w' || lpad(p_client::text, 20, '0') and h.state <> 'released' group by 1, 2) h
        on h.urn = w.urn and h.meter = w.meter where coalesce(h.amount, 0) <> coalesce(w.amount, 0)) then
      perform audit.blame('holds something else than it should', null, jsonb_build_object('client', p_client, 'op', p_op));
    end if;
  end if;
  update audit.client set done = done + 1 where n = p_client;
end $$;

create procedure audit.drive(p_client int, p_ops int[]) language plpgsql as $$
declare
  v_done int := audit.done(p_client);
begin
  for i in v_done + 1..cardinality(p_ops) loop
    perform audit.step(p_client, p_ops[i]);
    commit;
  end loop;
end $$;
create function audit.done(p_client int) returns int language sql security definer as $$ select done from audit.client where n = p_client $$;
