import { PipiError } from '../../catalog/errors.ts'
import type { SimulatedCloud } from '../contract/sandbox.ts'

/** Loads a simulated cloud from a module (file URL) of an engine's folder. */
export async function loadCloud(module: string, engine: string): Promise<SimulatedCloud> {
  const loaded = (await import(module)) as { default?: unknown }
  const cloud = loaded.default
  if (!isCloud(cloud)) {
    throw new PipiError(
      'catalog.invalid',
      `expected ${module} to export a simulated cloud by default, with provider, engine, resources and bill`,
    )
  }
  if (cloud.engine !== engine) {
    throw new PipiError('catalog.invalid', `expected ${module} to be of engine "${engine}", got "${cloud.engine}"`)
  }
  return cloud
}

function isCloud(value: unknown): value is SimulatedCloud {
  if (typeof value !== 'object' || value === null) return false
  const { provider, engine, resources, bill } = value as Record<string, unknown>
  return (
    typeof provider === 'string' &&
    typeof engine === 'string' &&
    typeof resources === 'object' &&
    typeof bill === 'function'
  )
}
