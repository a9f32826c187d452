-- What somebody was told once, so that nobody is told twice: whichever platform gets there first.
create table pipi.told (
  subject text not null,
  event text not null,
  key text not null,
  at timestamptz not null default clock_timestamp(),
  primary key (subject, event, key)
);

-- What made the kill switch act, empty when a person did: [{meter, scope, period, reading, limit, why}].
alter table pipi.cloud_accounts add column tripped jsonb not null default '[]';
-- How it opens again: by hand only, or by itself once every period that tripped it is over.
alter table pipi.cloud_accounts add column resume text not null default 'by-hand' check (resume in ('by-hand', 'next-period'));

-- Somebody waits for it: a clone is bred for it where none lives.
alter table pipi.watches add column asked boolean not null default false;

-- What the commander looks for every few seconds, however much has ended since.
create index intents_failed on pipi.intents (ended_at) where operation = 'create' and outcome = 'failed' and outcome_id is null;
create index holdings_uncertain on pipi.holdings (workspace) where state = 'uncertain';
create index holdings_unproven on pipi.holdings (cloud_account, meter, scope) where state <> 'released' and bound <> 'proven';
create index workspaces_ending on pipi.workspaces (ends_at) where live and ends_at is not null;
create index workspaces_suspended on pipi.workspaces (cloud_account) where suspended;
