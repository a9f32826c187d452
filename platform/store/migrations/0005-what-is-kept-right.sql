-- What runs is kept as it was deployed: drift, going back, secrets, health, domains.

-- What a refresh found to differ and nothing has set back yet: [{urn, type, id, what, properties}]. When it was compared
-- last (or was meant to be), by the ledger's clock.
alter table pipi.workspaces add column drift jsonb not null default '[]';
alter table pipi.workspaces add column compared_at timestamptz;
-- What this deployment found: {found, repaired}; null where it did not look.
alter table pipi.deployments add column drift jsonb;
-- A refresh that is to set back what it finds.
alter table pipi.deployments add column repair boolean not null default false;
-- A rollback: the deployment whose commit, configuration and artifact are wanted again.
alter table pipi.deployments add column goes_back_to text references pipi.deployments;
-- How `engine: auto` chose: [{engine, name, could, reason}].
alter table pipi.deployments add column choice jsonb;
-- The workspace's secrets as they were when it was assigned, sealed for its engine; empty once it is final.
alter table pipi.deployments add column sealed bytea;

-- Values sealed with a key that the platform alone has; never shown.
create table pipi.secrets (
  workspace text not null references pipi.workspaces,
  name text not null check (name ~ '^[A-Z][A-Z0-9_]{0,63}$'),
  sealed bytea not null check (octet_length(sealed) <= 65536),
  set_at timestamptz not null default clock_timestamp(),
  set_by text not null,
  primary key (workspace, name)
);

-- Whether what is reachable answers: one row a component that is looked at.
create table pipi.health (
  workspace text not null references pipi.workspaces,
  component text not null,
  url text not null,
  healthy boolean,
  -- Since when it is so, and what was seen last.
  since timestamptz not null default clock_timestamp(),
  checked_at timestamptz,
  detail text not null default '',
  -- Looks in a row that saw the other state: one alone turns nothing.
  doubts int not null default 0,
  every_ms bigint not null check (every_ms >= 1000),
  due_at timestamptz not null default clock_timestamp(),
  primary key (workspace, component)
);
create index health_due on pipi.health (due_at);

-- Names of one's own: each is one workspace's at a time.
create table pipi.domains (
  domain text primary key,
  workspace text not null references pipi.workspaces,
  claimed_at timestamptz not null default clock_timestamp()
);
create index domains_of_workspace on pipi.domains (workspace);
create index workspaces_to_compare on pipi.workspaces (compared_at) where live and manifest -> 'upkeep' ? 'refresh';
