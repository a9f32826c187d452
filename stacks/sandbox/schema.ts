/** Everything the simulated clouds remember. Times are the sandbox clock's, in milliseconds, unless `timestamptz`. */
export const SCHEMA = `
create schema if not exists sandbox;
create table if not exists sandbox.settings (
  key text primary key,
  value text not null
);
create table if not exists sandbox.resources (
  seq bigint generated always as identity primary key,
  engine text not null,
  cloud_account text not null,
  type text not null,
  id text not null,
  urn text not null,
  unique_name text,
  wire jsonb not null,
  inputs jsonb not null,
  outputs jsonb not null,
  serving jsonb,
  created_at bigint not null,
  deleted_at bigint
);
create unique index if not exists resources_alive
  on sandbox.resources (engine, cloud_account, type, id) where deleted_at is null;
create unique index if not exists resources_unique_name
  on sandbox.resources (engine, cloud_account, type, unique_name) where deleted_at is null and unique_name is not null;
create index if not exists resources_serving
  on sandbox.resources (seq) where deleted_at is null and serving is not null;
create index if not exists resources_gone on sandbox.resources (engine, cloud_account, deleted_at) where deleted_at is not null;
create index if not exists resources_gone_since on sandbox.resources (engine, deleted_at) where deleted_at is not null;
create table if not exists sandbox.usage (
  resource bigint not null references sandbox.resources,
  month text not null,
  requests bigint not null,
  egress_bytes bigint not null,
  busy_ms bigint not null,
  primary key (resource, month)
);
create table if not exists sandbox.usage_slots (
  resource bigint not null references sandbox.resources,
  slot bigint not null,
  requests bigint not null,
  egress_bytes bigint not null,
  busy_ms bigint not null,
  primary key (resource, slot)
);
create table if not exists sandbox.stored (
  resource bigint not null references sandbox.resources,
  slot bigint not null,
  bytes bigint not null,
  planted bigint not null,
  primary key (resource, slot)
);
create table if not exists sandbox.bytes (
  digest text primary key,
  bytes bytea not null
);
create table if not exists sandbox.calls (
  seq bigint generated always as identity primary key,
  engine text not null,
  cloud_account text not null,
  operation text not null,
  type text not null,
  urn text,
  id text,
  token text,
  outcome text not null default 'begun',
  message text,
  clock bigint not null,
  began_at timestamptz not null default now(),
  ended_at timestamptz
);
create table if not exists sandbox.clock (
  only_one boolean primary key default true check (only_one),
  offset_ms bigint not null
);
create table if not exists sandbox.faults (
  id bigint generated always as identity primary key,
  engine text not null,
  type text not null,
  operation text not null,
  kind text not null,
  moment text not null,
  ms bigint not null,
  message text,
  remaining integer not null check (remaining >= 0)
);
create table if not exists sandbox.late (
  call bigint primary key references sandbox.calls,
  engine text not null,
  cloud_account text not null,
  region text not null,
  type text not null,
  urn text not null,
  wire jsonb not null,
  due_at timestamptz not null
);
create table if not exists sandbox.records (
  engine text not null,
  cloud_account text not null,
  type text not null,
  id text not null,
  key text not null,
  value jsonb not null,
  primary key (engine, cloud_account, type, id, key)
);
create table if not exists sandbox.ports (
  name text primary key,
  port integer not null
);
`
