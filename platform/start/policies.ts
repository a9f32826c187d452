import type { ScalingPolicy } from '../../factory/scaling.ts'
import type { EngineFacts } from '../commander/engine-facts.ts'

/**
 * How many clones an engine is to have. One that carries no component has no work of its own: it is bred for a watch or
 * for its account's guard rails, and not kept ready. No more is one where the platform itself is not let in: it is bred
 * for who is.
 */
export function policiesOf(
  scaling: ScalingPolicy,
  engines: readonly Pick<EngineFacts, 'code' | 'kinds' | 'cloudAccount'>[],
): (engine: string) => ScalingPolicy {
  const idle = new Set(engines.filter((one) => one.kinds.length === 0 || !one.cloudAccount.ok).map((one) => one.code))
  return (engine) => (idle.has(engine) ? { ...scaling, min: 0 } : scaling)
}
