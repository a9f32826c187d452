import { PipiError } from '../../catalog/errors.ts'
import { selfStops } from '../../catalog/self-stops.ts'
import type { Engine } from '../../engines/contract/engine.ts'
import type { MetersOfPlan } from '../store/apply-wish.ts'
import { statedMeters } from './ledger.ts'

/** What a change of plan changes, for the engines that run here. */
export function metersOfPlan(engines: readonly Engine[], catalogFolder: string): MetersOfPlan {
  return async (code, plan) => {
    const engine = engines.find((one) => one.dna.code === code)
    if (!engine) throw new PipiError('conflict.state', `no engine "${code}" runs here`, { hint: 'see ./pipi engines' })
    return { meters: await statedMeters(engine, plan, catalogFolder), selfStops: selfStops(engine.facts, plan) }
  }
}
