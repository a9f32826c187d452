-- append_only(): trigger of the journal.
-- Guarantees: a record once written is never changed or removed.
create or replace function pipi.append_only() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'ZP004';
end $$;
create or replace trigger journal_append_only before update or delete or truncate on pipi.journal
  for each statement execute function pipi.append_only();
