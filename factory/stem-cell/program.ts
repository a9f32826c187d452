import { createHash } from 'node:crypto'
import { PipiError } from '../../catalog/errors.ts'
import type { Program } from '../../stacks/driver/run-stack.ts'
import type { Carriage } from './carriage.ts'

/** The inline program of a whole workspace: each component's carrier, its outputs under the component's name. */
export function programOf(carriage: Carriage): Program {
  const { birth, order } = carriage
  return async () => {
    const outputs: Record<string, unknown> = {}
    for (const component of order.manifest.components) {
      const program = birth.engine.programs[component.kind]
      const ready = carriage.built.get(component.name)
      if (program === undefined || ready === undefined) {
        throw new PipiError('platform.internal', `component "${component.name}" was not built before it was declared`)
      }
      outputs[component.name] = program.declare({
        workspace: order.workspace,
        component,
        artifact: ready.artifact,
        region: order.region,
        slug: slugOf(order.workspace, component.name),
        environment: component.env,
      })
    }
    return outputs
  }
}

/** For names at the platform: readable, unique per workspace and component, at most 32 characters. */
export function slugOf(workspace: { id: string; name: string }, component: string): string {
  const hash = createHash('sha256').update(`${workspace.id}/${component}`).digest('hex').slice(0, 6)
  return `${cut(workspace.name, 14)}-${cut(component, 10)}-${hash}`
}

function cut(name: string, length: number): string {
  return name.slice(0, length).replace(/-+$/, '')
}
