import type { Component } from '../../engines/contract/component.ts'
import type { Manifest } from '../../engines/contract/manifest.ts'
import type { Refusal } from '../../factory/contract/truth.ts'
import type { EngineFacts } from './engine-facts.ts'

/** The components that nothing free on this engine can carry, each with the reason. */
export function uncarried(
  components: readonly Component[],
  engine: EngineFacts,
): { component: Component; reason: string }[] {
  return components
    .map((component) => ({ component, reason: whyNot(component, engine) }))
    .filter((one): one is { component: Component; reason: string } => one.reason !== undefined)
}

function whyNot(component: Component, engine: EngineFacts): string | undefined {
  if (engine.kinds.includes(component.kind)) return engine.refuses?.(component)
  return engine.noCarrier[component.kind] ?? `${engine.name} has no free carrier for a ${component.kind}`
}

/** The refusal that the manifest alone proves, or undefined: names the component, the reason, and the engines that could. */
export function refuseUncarried(
  manifest: Manifest,
  engine: EngineFacts,
  all: readonly EngineFacts[],
): Refusal | undefined {
  const [first] = uncarried(manifest.components, engine)
  if (!first) return undefined
  const able = all.filter((other) => other.code !== engine.code && uncarried(manifest.components, other).length === 0)
  const partly = all.filter((other) => other.code !== engine.code && whyNot(first.component, other) === undefined)
  const hint =
    able.length > 0
      ? `deploy it to ${list(able)}, which can carry all of it: --engine ${able[0]?.code}`
      : partly.length > 0
        ? `${list(partly)} can carry a ${first.component.kind}, but not all components: deploy them as workspaces of their own`
        : `no engine here can carry a ${first.component.kind} for free`
  return {
    code: 'lock.no-carrier',
    resource: first.component.name,
    message: `component "${first.component.name}" (${first.component.kind}) cannot run on ${engine.name} for free: ${first.reason}`,
    hint,
  }
}

function list(engines: readonly EngineFacts[]): string {
  return engines.map((engine) => `${engine.code} (${engine.name})`).join(', ')
}
