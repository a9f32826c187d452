-- The rules of a meter, as a trigger on its table.
-- Guarantees: where a stated limit was lowered below what is held, the limit of the CHECKs sinks with every release
-- until it is the stated one again; it never rises here.
create or replace function pipi.meter_before() returns trigger language plpgsql as $$
begin
  new.limit_amount := least(new.limit_amount, greatest(new.stated_limit, new.held + new.used, new.standing));
  return new;
end $$;
create or replace trigger meter_before before update on pipi.meters
  for each row when (new.limit_amount > new.stated_limit) execute function pipi.meter_before();
