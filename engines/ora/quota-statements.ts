/** A volume is this large at least, GB: so many fit in what is free. */
const SMALLEST_VOLUME_GB = 50

/**
 * A quota policy that leaves what is free, from the catalogue's limits by meter. Later statements stand above earlier
 * ones. A machine needs the quota of its availability domain and that of its region. Micro machines are counted by
 * neither and stay possible; file systems, load balancers and all but free databases do not, since nothing here is carried
 * by them.
 */
export function quotaStatements(limits: Readonly<Record<string, number>>): string[] {
  const free = (meter: string): number => limits[meter] ?? 0
  const disk = free('oci-block.boot+block')
  return [
    'zero compute-core quotas in tenancy',
    'zero compute-memory quotas in tenancy',
    ...set('compute-core', ['standard-a1-core-count', 'standard-a1-core-regional-count'], free('oci-a1.ocpus')),
    ...set('compute-memory', ['standard-a1-memory-count', 'standard-a1-memory-regional-count'], free('oci-a1.memory')),
    'zero block-storage quotas in tenancy',
    ...set('block-storage', ['total-storage-gb'], disk),
    ...set('block-storage', ['volume-count'], Math.floor(disk / SMALLEST_VOLUME_GB)),
    ...set('block-storage', ['backup-count'], free('oci-block.backups')),
    ...set('object-storage', ['storage-bytes'], free('oci-object.storage') * 1e9),
    'zero database quotas in tenancy',
    ...set('database', ['adb-free-count'], free('oci-autonomous-db.databases')),
    'zero load-balancer quotas in tenancy',
    'zero filesystem quotas in tenancy',
  ]
}

function set(family: string, names: string[], to: number): string[] {
  return names.map((name) => `set ${family} quota ${name} to ${to} in tenancy`)
}
