-- clear_the_way(cloud account)
-- Guarantees: at a suspended cloud account no deploy, rollback or resume keeps a suspend waiting. One that nobody has
-- begun and that comes before a suspend of its workspace ends refused, as the lock would refuse it anyhow; one that runs
-- is asked to end, which keeps what it has made so far and gives its clone free. The order within a workspace holds.
create or replace function pipi.clear_the_way(p_cloud_account text) returns void language plpgsql as $$
declare
  v_row record;
begin
  perform set_config('pipi.actor', 'platform', true);
  for v_row in
    select d.id, d.account, d.status = 'accepted' and d.started_at is null as fresh,
      exists (select from pipi.deployments s where s.workspace = d.workspace and s.kind = 'suspend' and s.finished_at is null and s.position > d.position) as before
    from pipi.deployments d join pipi.cloud_accounts c on c.id = d.cloud_account
    where d.cloud_account = p_cloud_account and c.switch = 'suspended' and d.finished_at is null and d.kind in ('deploy', 'rollback', 'resume')
    order by d.id
  loop
    if v_row.fresh then
      if v_row.before then
        perform pipi.finish(v_row.id, 'refused', jsonb_build_object('refusal', jsonb_build_object('code', 'lock.stopped',
          'message', 'the kill switch of this cloud account is on: what runs is being suspended',
          'hint', 'see ./pipi account show, and deploy again when it is open')));
      end if;
    else
      perform pipi.request_cancel(v_row.account, v_row.id, 'platform');
    end if;
  end loop;
end $$;
