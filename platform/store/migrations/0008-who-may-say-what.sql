-- Who may say what of what several use, and since when something is as it is.

-- Whether an account may change the terms, the money and the kill switch of a cloud account: whoever opened it may; who
-- is let in with the platform's credentials, or shows its own later, uses it as it is.
alter table pipi.account_clouds add column terms boolean not null default true;
update pipi.account_clouds a set terms = false
  from pipi.accounts o join pipi.account_clouds b on b.account = o.id
  where o.name = 'owner' and b.cloud_account = a.cloud_account and a.account <> o.id;

-- Since when another set of credentials, account or plan is claimed; null: since the cloud account was first known.
alter table pipi.claims add column changed_at timestamptz;

-- When somebody last set or unset a value of its configuration.
alter table pipi.workspaces add column config_changed_at timestamptz;
update pipi.workspaces w set config_changed_at = (select max(c.set_at) from pipi.config c where c.workspace = w.id);

-- What was assigned before credentials travelled with it, and that nobody has begun, gets them at its next assignment.
update pipi.deployments set status = 'accepted', waiting_for = null
  where status = 'assigned' and started_at is null and credentials is null;
