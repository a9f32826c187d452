-- The rules of a meter, as triggers on its table.
-- Guarantees: where a stated limit was lowered below what is held, the limit of the CHECKs sinks with every release
-- until it is the stated one again; it never rises here. A meter's period has its times beside its name.
create or replace function pipi.meter_before() returns trigger language plpgsql as $$
begin
  new.limit_amount := least(new.limit_amount, greatest(new.stated_limit, new.held + new.used, new.standing));
  return new;
end $$;
create or replace trigger meter_before before update on pipi.meters
  for each row when (new.limit_amount > new.stated_limit) execute function pipi.meter_before();

create or replace function pipi.meter_period() returns trigger language plpgsql as $$
begin
  new.starts := pipi.period_start(new.period, new.period_key);
  new.ends := pipi.period_end(new.period, new.period_key);
  new.next_ends := pipi.next_end(new.period, new.period_key);
  return new;
end $$;
create or replace trigger meter_period before insert or update of period, period_key on pipi.meters
  for each row execute function pipi.meter_period();
