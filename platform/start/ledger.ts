import { loadPlatform } from '../../catalog/load.ts'
import { metersOf } from '../../catalog/meters.ts'
import type { CloudAccount, Engine } from '../../engines/contract/engine.ts'
import { openCloudAccount } from '../store/cloud-account.ts'
import type { Database } from '../store/open.ts'
import { type StatedMeter, seedMeters } from '../store/seed-meters.ts'

/** Opens a cloud account for an account of ours, and makes its limits in the ledger what the catalogue (or the host itself) says. */
export async function openLedger(
  db: Database,
  account: string,
  engine: Engine,
  cloud: CloudAccount,
  catalogFolder: string,
): Promise<void> {
  const meters = await statedMeters(engine, cloud.plan, catalogFolder)
  await openCloudAccount(db, account, cloud)
  await seedMeters(db, cloud.id, meters)
  await db.query('select pipi.seed_money($1)', [cloud.id])
}

/** The limits of a plan, as the catalogue (or the host itself) says. */
export async function statedMeters(engine: Engine, plan: string, catalogFolder: string): Promise<StatedMeter[]> {
  const platform = await loadPlatform(engine.dna.code, catalogFolder)
  const hosts = engine.machines ?? [{ scope: '', limits: (await engine.limits?.()) ?? {} }]
  return metersOf(platform, plan).flatMap((meter) => {
    const stated = {
      meter: meter.id,
      // Counted per region or project: each gets the limit when it is first met.
      scope: meter.scope === 'region' || meter.scope === 'project' ? '*' : '',
      unit: meter.unit,
      period: meter.period === 'window' ? ('lifetime' as const) : meter.period,
      ...(meter.usdPerUnit === undefined ? {} : { usdPerUnit: meter.usdPerUnit }),
      title:
        meter.reason === undefined
          ? `${meter.service} ${meter.name}`
          : `${meter.service} ${meter.name}: ${meter.reason}`,
    }
    const { limit } = meter
    if (limit !== 'host') return { ...stated, limit }
    return hosts.map(({ scope, limits }) => ({ ...stated, scope, limit: limits[meter.id] ?? 0 }))
  })
}
