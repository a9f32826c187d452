import type { ScalingPolicy } from '../../factory/scaling.ts'
import type { EngineFacts } from '../commander/engine-facts.ts'

/**
 * How many clones an engine is to have. One that carries no component has no work of its own: it is bred for a watch or
 * for its account's guard rails, and not kept ready.
 */
export function policiesOf(
  scaling: ScalingPolicy,
  engines: readonly Pick<EngineFacts, 'code' | 'kinds'>[],
): (engine: string) => ScalingPolicy {
  const idle = new Set(engines.filter((engine) => engine.kinds.length === 0).map((engine) => engine.code))
  return (engine) => (idle.has(engine) ? { ...scaling, min: 0 } : scaling)
}
