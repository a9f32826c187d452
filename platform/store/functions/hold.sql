-- hold(deployment, meter, {urn, type, cloudId, amount, bound, perHour, because, endsAt, state, paysMeter, paysScope, paysAmount})
-- Takes: a meter whose row is locked. Guarantees: the holding and its parts of this period and the next in one step; the
-- CHECKs of the meter have the last word.
create or replace function pipi.hold(p_d pipi.deployments, p_m pipi.meters, p_h jsonb) returns void language plpgsql as $$
declare
  v_now timestamptz := pipi.moment_in(p_m.starts, p_m.ends);
  v_amount numeric := p_h ->> 'amount';
  v_ends timestamptz := p_h ->> 'endsAt';
  v_end timestamptz := p_m.ends;
  v_part numeric := pipi.part_of(v_amount, p_h ->> 'bound', p_m.period, v_now, v_ends, v_end, (p_h ->> 'perHour')::numeric);
begin
  update pipi.meters m set held = m.held + v_part,
    standing = m.standing + pipi.next_part_of(v_amount, p_h ->> 'bound', p_m.period, v_ends, v_end, p_m.next_ends, (p_h ->> 'perHour')::numeric),
    earliest_end = case when m.period in ('month', 'day') or m.pays = 'credit' then least(m.earliest_end, v_ends) end
    where m.cloud_account = p_m.cloud_account and m.meter = p_m.meter and m.scope = p_m.scope;
  insert into pipi.holdings (cloud_account, meter, scope, account, workspace, deployment, urn, type, cloud_id, amount, part, since, ends_at, bound, per_hour,
    because, state, existed, pays_meter, pays_scope, pays_amount)
  values (p_m.cloud_account, p_m.meter, p_m.scope, p_d.account, p_d.workspace, p_d.id, p_h ->> 'urn', p_h ->> 'type', p_h ->> 'cloudId', v_amount, v_part, v_now, v_ends,
    p_h ->> 'bound', (p_h ->> 'perHour')::numeric, coalesce(p_h ->> 'because', ''), p_h ->> 'state', p_h ->> 'state' <> 'reserved',
    p_h ->> 'paysMeter', p_h ->> 'paysScope', (p_h ->> 'paysAmount')::numeric);
end $$;
