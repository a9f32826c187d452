-- The rules of a meter, as a trigger on its table.
-- Guarantees: where a stated limit was lowered below what is held, the limit of the CHECK sinks with every release
-- until it is the stated one again; it never rises here.
create or replace function pipi.meter_before() returns trigger language plpgsql as $$
begin
  if new.limit_amount > new.stated_limit then
    new.limit_amount := least(new.limit_amount, greatest(new.stated_limit, new.held + new.used));
  end if;
  return new;
end $$;
create or replace trigger meter_before before update on pipi.meters
  for each row execute function pipi.meter_before();
