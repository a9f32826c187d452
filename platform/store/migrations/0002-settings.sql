-- What a database has to remember of how it was opened first.
create table pipi.settings (
  name text primary key,
  value text not null
);
revoke all on pipi.settings from public;
