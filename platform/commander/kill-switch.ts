import type { Log } from '../log.ts'
import type { Database } from '../store/open.ts'
import { charges, type MeterReading, newestReadings, takesPart } from '../store/readings.ts'
import { type SwitchState, setSwitch, type Tripped } from '../store/set-switch.ts'
import { openAgain } from '../store/standstill.ts'
import { tellOnce, tellOwners } from '../store/tell.ts'
import { judgeReading, WARN_AT } from './judge-reading.ts'

/** How far behind an engine's readings of a meter are at most, milliseconds. */
export type ReaderDelay = (engine: string, meter: string) => number

/**
 * Judges what the platforms last said was used: at 80 % somebody is told, once a period; at 95 %, or when the limit will
 * be passed before the next reading is known, the kill switch acts as the owner said it should. What the platform
 * charges beyond what the owner allows does the same.
 * @returns whether a switch was turned
 */
export async function watchUse(db: Database, log: Log, delayOf: ReaderDelay): Promise<boolean> {
  const tripped = new Map<string, { onBurn: 'stop' | 'suspend'; switch: SwitchState; meters: Tripped[] }>()
  const trip = (one: { cloudAccount: string; onBurn: 'stop' | 'suspend'; switch: SwitchState }, meter: Tripped) => {
    const { cloudAccount, onBurn } = one
    const known = tripped.get(cloudAccount) ?? { onBurn, switch: one.switch, meters: [] }
    tripped.set(cloudAccount, { ...known, meters: [...known.meters, meter] })
  }
  for (const reading of await newestReadings(db, true)) {
    const verdict = judgeReading({ ...reading, delayMs: delayOf(reading.engine, reading.meter) })
    if (verdict.act === 'nothing') continue
    await warn(db, log, reading, verdict.share, verdict.why)
    // Where nothing of ours is, no switch of ours changes anything: the meter is over, and that is told.
    if (verdict.act === 'warn' || !(reading.held || (await takesPart(db, reading)))) continue
    const { meter, scope, period, limit, now: at } = reading
    const foreseen = verdict.foreseen === true ? { foreseen: true as const } : {}
    trip(reading, { meter, scope, period, reading: reading.reading, limit, why: verdict.why, at, ...foreseen })
  }
  for (const charge of await charges(db)) {
    const { cloudAccount, usd, allowed, month } = charge
    const why = `the platform will charge ${usd} USD this month, allowed are ${allowed} (${charge.says})`
    const first = await tellOnce(db, cloudAccount, 'account.charged', `${month} ${usd > allowed}`, (tx) =>
      tellOwners(tx, cloudAccount, 'account.charged', { usd, allowed, says: charge.says }),
    )
    if (first) log('error', `${cloudAccount}: ${why}`)
    if (usd > allowed)
      trip(charge, { meter: 'usd.charged', scope: '', period: month, reading: usd, limit: allowed, why })
  }
  let turned = false
  for (const [cloudAccount, one] of tripped) {
    // What was suspended is not loosened by what only stops.
    const to = one.onBurn === 'suspend' || one.switch === 'suspended' ? 'suspended' : 'stopped'
    const why = one.meters.map(({ meter, why: reason }) => `${meter}: ${reason}`).join('; ')
    if (!(await setSwitch(db, cloudAccount, to, why, 'platform', one.meters))) continue
    turned = true
    log('error', `the kill switch of ${cloudAccount} is ${to}: ${why}`)
  }
  for (const { cloudAccount, why } of await openAgain(db, WARN_AT)) {
    turned = true
    log('warn', `the kill switch of ${cloudAccount} is open again: ${why}`)
  }
  return turned
}

async function warn(db: Database, log: Log, one: MeterReading, share: number, why: string): Promise<void> {
  const { cloudAccount, engine, meter, scope, unit, period, limit, reading } = one
  const first = await tellOnce(db, `${cloudAccount} ${meter} ${scope}`, 'meter.warning', period, (tx) =>
    tellOwners(tx, cloudAccount, 'meter.warning', {
      engine,
      meter,
      scope,
      unit,
      period,
      limit,
      reading,
      ...(Number.isFinite(share) ? { share: Math.round(share * 1000) / 1000 } : {}),
    }),
  )
  if (first)
    log(
      'warn',
      `${cloudAccount}: ${meter}${scope === '' ? '' : ` (${scope})`} stands at ${reading} of ${limit} ${unit}: ${why}`,
    )
}
