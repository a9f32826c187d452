import { onLimitOf, planOf } from './meters.ts'
import type { Platform, Service } from './schema.ts'

/**
 * Whether an account on `plan` cannot be charged, whatever is used: at a limit it is closed, refused or paused. What is
 * bounded by watching only is fine there by default. Throws `not-found` for a plan that is not one.
 */
export function selfStops(platform: Platform, plan: string): boolean {
  return ['hard-stop', 'blocked', 'suspend'].includes(planOf(platform, plan).atLimit)
}

/** Whether a service stops by itself at its limits for an account on `plan`, also where the plan bills for others. */
export function stopsAtLimit(plan: string, service: Service): boolean {
  return costsNothing(onLimitOf(service, plan))
}

/** Whether passing a limit at which this happens can never cost money. */
export function costsNothing(onLimit: Service['onLimit']): boolean {
  return onLimit === 'hard-stop' || onLimit === 'blocked'
}
