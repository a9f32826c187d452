-- What a period takes, what money pays, who watches: docs/adr/0006-what-the-ledger-counts.md has the arithmetic.

-- A CHECK is read anew from the catalogue by every statement that writes; what a domain asks is read once in a session. So
-- in the two tables that every reservation writes only what binds columns together stays a CHECK.
create domain pipi.quantity as numeric constraint never_negative check (value >= 0);
create domain pipi.period_kind as text check (value in ('concurrent', 'month', 'day', 'lifetime'));
create domain pipi.bound_class as text check (value in ('proven', 'watched', 'unbounded'));
create domain pipi.purse as text check (value in ('free', 'budget', 'credit'));
create domain pipi.holding_state as text check (value in ('reserved', 'committed', 'uncertain', 'released'));

alter table pipi.meters drop column over;
alter table pipi.meters
  drop constraint never_over_the_limit, drop constraint meters_period_check, drop constraint meters_bound_check, drop constraint meters_stated_limit_check,
  drop constraint meters_held_check, drop constraint meters_used_check, drop constraint meters_observed_check,
  alter column period type pipi.period_kind, alter column bound type pipi.bound_class, alter column stated_limit type pipi.quantity,
  alter column held type pipi.quantity, alter column used type pipi.quantity, alter column observed type pipi.quantity;
alter table pipi.meters add constraint never_over_the_limit check (held + used <= limit_amount);
drop index pipi.holdings_of_workspace;
drop index pipi.holdings_of_meter;
alter table pipi.holdings
  drop constraint holdings_amount_check, drop constraint holdings_state_check, drop constraint holdings_check,
  alter column amount type pipi.quantity, alter column bound type pipi.bound_class, alter column state type pipi.holding_state;
alter table pipi.holdings add constraint released_at_a_time check ((state = 'released') = (released_at is not null));

-- `held` and `used` are of the running period; `standing` is what goes on into the next one, each for a whole period.
alter table pipi.meters add column standing pipi.quantity not null default 0;
-- The newest total that the platform itself states for the running period, ours included, and when it was read.
alter table pipi.meters add column reading pipi.quantity;
alter table pipi.meters add column read_at timestamptz;
alter table pipi.meters add column over boolean
  generated always as (held + used + observed > stated_limit or standing + observed > stated_limit) stored;
alter table pipi.meters add constraint never_over_the_next_period check (standing <= limit_amount);
-- USD for one unit beyond the limit: of the period, or of a month for what is counted while it exists. Null: nobody
-- knows, so no money can pay for it.
alter table pipi.meters add column usd_per_unit pipi.quantity;
-- Of what kind: a platform's allowance, the owner's budget (USD a month), the owner's credit (USD, once).
alter table pipi.meters add column pays pipi.purse not null default 'free';

-- `amount` is for a whole period; `part` is what of it the running period (`part_key`) takes, from `since` on.
alter table pipi.holdings add column part pipi.quantity not null default 0;
alter table pipi.holdings add column since timestamptz not null default clock_timestamp();
-- By when it is gone as promised (with the time that takes); null: goes on until it is destroyed.
alter table pipi.holdings add column ends_at timestamptz;
-- The most it can take in an hour, in the meter's unit; null: not known.
alter table pipi.holdings add column per_hour pipi.quantity;
-- It once stood at the platform, as far as is known: what never did has used nothing.
alter table pipi.holdings add column existed boolean not null default false;
-- What a holding in USD stands for: so much of that meter, beyond its free limit.
alter table pipi.holdings add column pays_meter text;
alter table pipi.holdings add column pays_scope text;
alter table pipi.holdings add column pays_amount pipi.quantity;
alter table pipi.holdings add constraint pays_as_a_whole
  check ((pays_meter is null) = (pays_scope is null) and (pays_meter is null) = (pays_amount is null));
update pipi.holdings set part = amount, since = made_at, existed = state <> 'reserved';
update pipi.meters m set standing = m.held;
-- From when to when the running period goes, and the one after it (set by meter_rules.sql); null for what never resets.
alter table pipi.meters add column starts timestamptz;
alter table pipi.meters add column ends timestamptz;
alter table pipi.meters add column next_ends timestamptz;
update pipi.meters m set starts = timezone('UTC', p.at), ends = timezone('UTC', p.at + p.long), next_ends = timezone('UTC', p.at + 2 * p.long)
from (
  select cloud_account, meter, scope, (case period when 'month' then period_key || '-01' else period_key end)::timestamp as at,
    case period when 'month' then interval '1 month' else interval '1 day' end as long
  from pipi.meters where period in ('month', 'day')
) p where m.cloud_account = p.cloud_account and m.meter = p.meter and m.scope = p.scope;
-- No live holding of it ends before that: what was promised and not kept is seen by one comparison.
alter table pipi.meters add column earliest_end timestamptz;
-- The journal says that it is over.
alter table pipi.meters add column told_over boolean not null default false;
-- Room in each page, so that the hot row stays where it is.
alter table pipi.meters set (fillfactor = 50);
-- The lease that a holding is made under vouches for what it refers to, and the meter's own row for the meter. To check
-- each again would lock rows that everybody shares, at every reservation.
alter table pipi.holdings drop constraint holdings_cloud_account_meter_scope_fkey;
alter table pipi.holdings drop constraint holdings_account_fkey;
alter table pipi.holdings drop constraint holdings_workspace_fkey;
alter table pipi.holdings drop constraint holdings_deployment_fkey;
create index holdings_of_workspace on pipi.holdings (workspace, urn) where state <> 'released';
create index holdings_of_meter on pipi.holdings (cloud_account, meter, scope) where state <> 'released';
create index holdings_paying on pipi.holdings (cloud_account, pays_meter, pays_scope) where state <> 'released' and pays_meter is not null;
-- What was given back is still asked for when a later reading says how much of it was used.
create index holdings_given_back on pipi.holdings (cloud_account, meter, scope, released_at) where state = 'released';
create index intents_of_resource on pipi.intents (workspace, urn);

-- The newest reading of one resource in the running period, where a platform tells it apart.
create table pipi.readings (
  cloud_account text not null,
  meter text not null,
  scope text not null,
  resource text not null,
  period_key text not null,
  amount numeric not null check (amount >= 0),
  read_at timestamptz not null default clock_timestamp(),
  primary key (cloud_account, meter, scope, resource),
  foreign key (cloud_account, meter, scope) references pipi.meters
);

-- `switch`: open, stopped (nothing new is made), suspended (and what burns stands still). `on_burn`: what the kill
-- switch does by itself at 95 %. `stale_until`: until when the owner lets facts past their date be used.
alter table pipi.cloud_accounts add column switch text not null default 'open' check (switch in ('open', 'stopped', 'suspended'));
alter table pipi.cloud_accounts add column switch_why text;
alter table pipi.cloud_accounts add column switched_at timestamptz;
alter table pipi.cloud_accounts add column on_burn text not null default 'suspend' check (on_burn in ('stop', 'suspend'));
alter table pipi.cloud_accounts add column stale_until timestamptz;
-- Whether the platform itself confirms the account's id and plan, and what was found; null: not asked yet.
alter table pipi.cloud_accounts add column armed boolean;
alter table pipi.cloud_accounts add column findings jsonb not null default '[]';
alter table pipi.cloud_accounts add column checked_at timestamptz;

-- Money that the owner has put in once, with its last day.
create table pipi.credits (
  id text primary key,
  cloud_account text not null references pipi.cloud_accounts,
  usd numeric not null check (usd > 0),
  expires_at timestamptz not null,
  note text not null default '',
  made_by text not null,
  made_at timestamptz not null default clock_timestamp(),
  withdrawn_at timestamptz,
  -- What of it was gone when it ended, USD; null while it lasts.
  spent numeric check (spent between 0 and usd)
);

-- What an owner wants to open wider. It does nothing until the same account's owner confirms it, in time.
create table pipi.proposals (
  id text primary key,
  account text not null references pipi.accounts,
  cloud_account text not null references pipi.cloud_accounts,
  what text not null check (what in ('budget', 'credit', 'watched', 'stale', 'plan', 'switch', 'on-burn')),
  value jsonb not null,
  proposed_by text not null,
  proposed_at timestamptz not null default clock_timestamp(),
  confirm_before timestamptz not null,
  confirmed_by text,
  confirmed_at timestamptz,
  withdrawn_at timestamptz
);

-- What clones look at besides deployments, each by one clone at a time: usage, what exists, whether an account is what
-- it claims to be. `result` is of the last time it was done.
create table pipi.watches (
  cloud_account text not null references pipi.cloud_accounts,
  kind text not null check (kind in ('usage', 'survey', 'check')),
  every_ms bigint not null check (every_ms > 0),
  due_at timestamptz not null default clock_timestamp(),
  taken_by text,
  taken_until timestamptz,
  done_at timestamptz,
  result jsonb,
  error jsonb,
  primary key (cloud_account, kind)
);

-- A promised end: afterwards the commander destroys the workspace by itself.
alter table pipi.workspaces add column ends_at timestamptz;
alter table pipi.workspaces add column suspended boolean not null default false;
alter table pipi.deployments add column ends_at timestamptz;
alter table pipi.deployments drop constraint deployments_kind_check;
alter table pipi.deployments add constraint deployments_kind_check
  check (kind in ('deploy', 'preview', 'refresh', 'rollback', 'destroy', 'suspend', 'resume', 'secure'));

-- These give other rows than before.
drop function if exists pipi.asked_of(pipi.deployments, jsonb);
drop function if exists pipi.target_of(pipi.deployments, jsonb);
drop function if exists pipi.lock_meters(text, jsonb);
drop function if exists pipi.replace_holdings(pipi.deployments, jsonb);
