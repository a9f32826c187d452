-- sync_health(defaults)
-- Takes: how often each engine's components are looked at where their manifest says nothing: {engine: milliseconds}; an
-- engine that is not in it is looked at only where a manifest says so. Guarantees: one row for each reachable component
-- of what stands and is not made to stand still; what has another address is new; what is gone has none.
create or replace function pipi.sync_health(p_defaults jsonb) returns void language sql as $$
  with wanted as materialized (
    select w.id as workspace, c ->> 'name' as component, rtrim(w.outputs -> (c ->> 'name') ->> 'url', '/') || coalesce(c ->> 'health', '/') as url,
      case when w.manifest -> 'upkeep' ? 'health' then
        case when w.manifest -> 'upkeep' ->> 'health' <> 'off' then pipi.ttl_ms(w.manifest -> 'upkeep' ->> 'health') end
      else (p_defaults ->> w.engine)::bigint end as every_ms
    from pipi.workspaces w, jsonb_array_elements(w.manifest -> 'components') c
    where w.live and not w.suspended and c ->> 'kind' in ('site', 'service', 'container')
      and w.outputs -> (c ->> 'name') ->> 'url' ~ '^https?://'
  ), gone as (
    delete from pipi.health h where not exists (
      select from wanted n where n.workspace = h.workspace and n.component = h.component and n.url = h.url and n.every_ms is not null)
    returning h.workspace, h.component
  )
  insert into pipi.health (workspace, component, url, every_ms, due_at)
  select n.workspace, n.component, n.url, n.every_ms, clock_timestamp() + n.every_ms * interval '1 ms' from wanted n
  where n.every_ms is not null and not exists (select from gone g where g.workspace = n.workspace and g.component = n.component)
  on conflict (workspace, component) do update set every_ms = excluded.every_ms, due_at = least(pipi.health.due_at, excluded.due_at)
    where pipi.health.every_ms <> excluded.every_ms
$$;

-- ttl_ms(text): milliseconds of `90m`, `36h`, `14d`, `6w`, as engines/contract/manifest.ts reads them.
create or replace function pipi.ttl_ms(p_text text) returns bigint language sql immutable as $$
  select left(p_text, -1)::bigint * case right(p_text, 1) when 'm' then 60000 when 'h' then 3600000 when 'd' then 86400000 else 604800000 end
$$;
