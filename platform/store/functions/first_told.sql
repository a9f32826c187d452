-- first_told(subject, event, key)
-- Gives: true to exactly one of all who ever ask with the same three; who got it tells.
create or replace function pipi.first_told(p_subject text, p_event text, p_key text) returns boolean language plpgsql as $$
begin
  insert into pipi.told (subject, event, key) values (p_subject, p_event, p_key) on conflict do nothing;
  return found;
end $$;
