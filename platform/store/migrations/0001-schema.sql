-- The truth. Times are the database's own; ids are made by us and sort by time; nobody but this schema's functions
-- and the platform's own role reads or writes here.

create table pipi.transitions (
  from_status text not null,
  to_status text not null,
  primary key (from_status, to_status)
);

-- How long a deployment may stay in a state, milliseconds.
create table pipi.deadlines (
  status text primary key,
  ms bigint not null
);

create table pipi.accounts (
  id text primary key,
  name text not null unique,
  kind text not null default 'personal' check (kind in ('personal', 'developer', 'enterprise')),
  created_at timestamptz not null default now()
);

-- Of a token only its sha256 is kept.
create table pipi.tokens (
  id text primary key,
  account text not null references pipi.accounts,
  digest bytea not null unique,
  role text not null check (role in ('owner', 'deployer', 'viewer')),
  note text not null default '',
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz
);

-- Who the platform bills. The id is the platform's own; several accounts of ours may share one.
create table pipi.cloud_accounts (
  id text primary key,
  engine text not null,
  plan text not null,
  consent_watched boolean not null default false,
  created_at timestamptz not null default now()
);

create table pipi.account_clouds (
  account text not null references pipi.accounts,
  cloud_account text not null references pipi.cloud_accounts,
  primary key (account, cloud_account)
);

create table pipi.workspaces (
  id text primary key check (id ~ '^w[0-9a-z]{20}$'),
  account text not null references pipi.accounts,
  name text not null,
  created_at timestamptz not null default now(),
  -- What stands now: set when a deploy has settled, emptied by a destroy.
  engine text,
  cloud_account text references pipi.cloud_accounts,
  region text,
  manifest jsonb,
  source jsonb,
  commit_sha text,
  outputs jsonb not null default '{}',
  live boolean not null default false,
  next_position bigint not null default 1,
  unique (account, name)
);

create table pipi.deployments (
  id text primary key check (id ~ '^d[0-9a-z]{20}$'),
  account text not null references pipi.accounts,
  workspace text not null references pipi.workspaces,
  -- Strict order within the workspace.
  position bigint not null,
  kind text not null check (kind in ('deploy', 'preview', 'refresh', 'rollback', 'destroy')),
  status text not null default 'accepted',
  waiting_for text,
  manifest jsonb not null,
  source jsonb not null,
  ref text,
  commit_sha text,
  artifact_digest text,
  engine text not null,
  region text not null,
  cloud_account text not null references pipi.cloud_accounts,
  delete_data boolean not null default false,
  requested_by text,
  idempotency_key text,
  body_digest text not null,
  cancel_requested_at timestamptz,
  attempt int not null default 1,
  -- The token under which it was settled: the same settlement sent twice is one.
  settled_token bigint,
  clone text,
  deadline_at timestamptz,
  accepted_at timestamptz not null default now(),
  assigned_at timestamptz,
  started_at timestamptz,
  finished_at timestamptz,
  outputs jsonb not null default '{}',
  resources jsonb not null default '[]',
  refusal jsonb,
  error jsonb,
  unique (account, idempotency_key),
  unique (workspace, position)
);
create index deployments_open on pipi.deployments (workspace, position) where finished_at is null;
create index deployments_by_account on pipi.deployments (account, id);

-- One numbering for journal and story, so that a watcher needs one cursor.
create sequence pipi.seq;

create table pipi.journal (
  seq bigint primary key,
  at timestamptz not null default clock_timestamp(),
  account text,
  workspace text,
  deployment text,
  actor text not null,
  event text not null,
  data jsonb not null default '{}'
);
create index journal_by_account on pipi.journal (account, seq);
create index journal_by_deployment on pipi.journal (deployment, seq);

-- What a deployment tells while it runs.
create table pipi.story (
  seq bigint primary key,
  at timestamptz not null default clock_timestamp(),
  account text not null,
  deployment text not null references pipi.deployments,
  phase text not null,
  level text not null check (level in ('info', 'warn', 'error')),
  text text not null,
  data jsonb
);
create index story_by_deployment on pipi.story (deployment, seq);
create index story_by_account on pipi.story (account, seq);

-- One hand on a stack: the token only ever grows, and every write names the one it was made under.
create table pipi.leases (
  workspace text primary key references pipi.workspaces,
  token bigint not null,
  holder text,
  deployment text references pipi.deployments,
  expires_at timestamptz not null
);

create table pipi.intents (
  id text primary key,
  workspace text not null references pipi.workspaces,
  deployment text not null references pipi.deployments,
  token bigint not null,
  urn text not null,
  type text not null,
  operation text not null check (operation in ('create', 'update', 'delete', 'import')),
  cloud_id text,
  lookup jsonb,
  began_at timestamptz not null default clock_timestamp(),
  deadline_at timestamptz not null,
  ended_at timestamptz,
  outcome text check (outcome in ('done', 'failed', 'adopted', 'absent')),
  outcome_id text,
  message text,
  check ((ended_at is null) = (outcome is null))
);
create index intents_open on pipi.intents (workspace) where ended_at is null;

-- The lock itself. `stated_limit` is what the facts say; `limit_amount` is what the CHECK holds us to: the same,
-- unless facts were lowered below what is already held, when it stands still and sinks with every release.
-- `observed` is what was read beside what we hold; it may exceed, and then nothing more is reserved.
create table pipi.meters (
  cloud_account text not null references pipi.cloud_accounts,
  meter text not null,
  scope text not null,
  period text not null check (period in ('concurrent', 'month', 'day', 'lifetime')),
  -- The day or month that `used` and `observed` belong to; empty for the others.
  period_key text not null default '',
  unit text not null,
  title text not null default '',
  bound text not null default 'proven' check (bound in ('proven', 'watched', 'unbounded')),
  stated_limit numeric not null check (stated_limit >= 0),
  limit_amount numeric not null,
  held numeric not null default 0 check (held >= 0),
  used numeric not null default 0 check (used >= 0),
  observed numeric not null default 0 check (observed >= 0),
  over boolean generated always as (held + used + observed > stated_limit) stored,
  primary key (cloud_account, meter, scope),
  constraint never_over_the_limit check (held + used <= limit_amount)
);

-- Who holds how much. A row only moves reserved -> committed -> released, or over uncertain; amounts never change.
create table pipi.holdings (
  id bigint generated always as identity primary key,
  cloud_account text not null,
  meter text not null,
  scope text not null,
  account text not null references pipi.accounts,
  workspace text not null references pipi.workspaces,
  deployment text not null references pipi.deployments,
  urn text not null,
  type text not null,
  cloud_id text,
  amount numeric not null check (amount >= 0),
  bound text not null,
  because text not null default '',
  state text not null check (state in ('reserved', 'committed', 'uncertain', 'released')),
  made_at timestamptz not null default clock_timestamp(),
  released_at timestamptz,
  foreign key (cloud_account, meter, scope) references pipi.meters,
  check ((state = 'released') = (released_at is not null))
);
create index holdings_of_workspace on pipi.holdings (workspace) where state <> 'released';
create index holdings_of_meter on pipi.holdings (cloud_account, meter, scope) where state <> 'released';

create table pipi.resources (
  workspace text not null references pipi.workspaces,
  urn text not null,
  type text not null,
  id text not null,
  deployment text not null references pipi.deployments,
  amounts jsonb not null default '[]',
  since timestamptz not null default now(),
  primary key (workspace, urn, id)
);

create table pipi.clones (
  id text primary key,
  engine text not null,
  host text not null,
  pid int not null,
  state text not null check (state in ('starting', 'idle', 'busy', 'draining', 'gone')),
  running jsonb not null default '[]',
  capacity int not null,
  drain boolean not null default false,
  started_at timestamptz not null default now(),
  beat_at timestamptz not null default now()
);

create table pipi.uploads (
  account text not null references pipi.accounts,
  digest text not null check (digest ~ '^[0-9a-f]{64}$'),
  bytes bytea not null check (octet_length(bytes) <= 52428800),
  created_at timestamptz not null default now(),
  primary key (account, digest)
);

-- Database roles of engines: which engine a connection may speak for. The password is the role's own.
create table pipi.engine_roles (
  role text primary key,
  engine text not null unique,
  password text not null
);

create schema if not exists engine;
revoke all on schema pipi from public;
