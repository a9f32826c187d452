/** A quota of Compute Engine, lowered. */
export interface Lowered {
  /** Its metric, after `compute.googleapis.com/`. */
  metric: string
  /** What it is counted per. */
  per: '/project' | '/project/region'
  to: number
}

/** The small machine that is free has two of them. */
const MACHINE_CPUS = 2
/** What has no free part at all: addresses, rules of load balancers, faster disks, copies of disks. */
const NOTHING: [metric: string, per: Lowered['per']][] = [
  ['gpus_all_regions', '/project'],
  ['regional_in_use_addresses', '/project/region'],
  ['regional_static_addresses', '/project/region'],
  ['global_in_use_addresses', '/project'],
  ['global_static_addresses', '/project'],
  ['forwarding_rules', '/project'],
  ['global_external_managed_forwarding_rules', '/project'],
  ['external_network_lb_forwarding_rules', '/project/region'],
  ['ssd_total_storage', '/project/region'],
  ['local_ssd_total_storage', '/project/region'],
  ['snapshots', '/project'],
]

/** Quotas that leave the free machine and nothing else, from the catalogue's limits by meter. */
export function quotasFor(limits: Readonly<Record<string, number>>): Lowered[] {
  const machine = (limits['gcp-e2-micro.instance-hours'] ?? 0) > 0
  return [
    { metric: 'cpus_all_regions', per: '/project', to: machine ? MACHINE_CPUS : 0 },
    {
      metric: 'disks_total_storage',
      per: '/project/region',
      to: machine ? (limits['gcp-e2-micro.pd-standard'] ?? 0) : 0,
    },
    ...NOTHING.map(([metric, per]) => ({ metric, per, to: 0 })),
  ]
}
