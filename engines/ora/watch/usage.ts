import type { Reading, ReadUsage } from '../../contract/watch.ts'

/** Limits of a region that count exactly what a meter counts. Those of an availability domain would need its name. */
const LIMITS: [meter: string, service: string, limit: string][] = [
  ['oci-a1.ocpus', 'compute', 'standard-a1-core-regional-count'],
  ['oci-a1.memory', 'compute', 'standard-a1-memory-regional-count'],
  ['oci-autonomous-db.databases', 'database', 'adb-free-count'],
]

/**
 * What stands, as the Limits service counts it. It says nothing of money: a tenancy that was never upgraded cannot be
 * charged, and for one that pays the budget's alarm comes up to a day later.
 */
export default (async ({ account, platform, now }) => {
  const readings: Reading[] = []
  for (const [meter, serviceName, limitName] of LIMITS) {
    const answer = await platform.invoke('oci:Limits/getResourceAvailability:getResourceAvailability', {
      compartmentId: account.id,
      serviceName,
      limitName,
    })
    const total = Number(answer.fractionalUsage ?? answer.used)
    if (Number.isFinite(total)) readings.push({ meter, scope: '', total, until: now })
  }
  return { readings }
}) satisfies ReadUsage
