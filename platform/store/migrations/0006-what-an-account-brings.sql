-- What an account brings along itself: the credentials that it is let in with at a platform, and the configuration of
-- what it runs.

-- Values sealed with a key that the platform alone has; never shown. What one account has at one engine is set as a whole.
create table pipi.credentials (
  account text not null references pipi.accounts,
  engine text not null check (engine ~ '^[a-z]{3}$'),
  name text not null check (name ~ '^[A-Z][A-Z0-9_]{0,63}$'),
  sealed bytea not null check (octet_length(sealed) <= 131072),
  set_at timestamptz not null default clock_timestamp(),
  set_by text not null,
  primary key (account, engine, name)
);

-- Whose credentials are used where: `own` are an account's, else the platform's (they belong to its owner). What it says
-- of the cloud account is a claim until the platform itself has confirmed it (`armed`); another set is another claim.
create table pipi.claims (
  account text not null references pipi.accounts,
  engine text not null,
  own boolean not null,
  cloud_account text not null,
  plan text not null,
  consent_watched boolean not null,
  -- Which of the engine's ways to be let in.
  way text not null default '',
  -- What was given, but for what is short-lived; and all of it. Keyed digests: from neither can anything be told.
  digest bytea not null,
  content bytea not null,
  -- For the engine alone, which has the key.
  sealed bytea not null,
  armed boolean,
  findings jsonb not null default '[]',
  checked_at timestamptz,
  error jsonb,
  due_at timestamptz,
  asked boolean not null default false,
  taken_by text,
  taken_until timestamptz,
  primary key (account, engine, own)
);
create index claims_of_cloud_account on pipi.claims (cloud_account);
create index claims_to_check on pipi.claims (engine, due_at) where due_at is not null;

-- What a deployment is let in with, sealed for its engine; empty once it is final.
alter table pipi.deployments add column credentials bytea;

-- Configuration of a workspace that is not secret, by component; `*` is for all of them.
create table pipi.config (
  workspace text not null references pipi.workspaces,
  component text not null check (component = '*' or component ~ '^[a-z][a-z0-9-]{0,39}$'),
  name text not null check (name ~ '^[A-Z][A-Z0-9_]{0,63}$'),
  value text not null check (length(value) <= 4096),
  set_at timestamptz not null default clock_timestamp(),
  set_by text not null,
  primary key (workspace, component, name)
);
-- {component: {NAME: value}} as it was when the deployment was accepted, and of what stands.
alter table pipi.deployments add column config jsonb not null default '{}';
alter table pipi.workspaces add column config jsonb not null default '{}';
