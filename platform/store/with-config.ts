import { z } from 'zod'
import type { Manifest } from '../../engines/contract/manifest.ts'

/** For every component that has no value of its own. */
export const ALL = '*'

/** A workspace's configuration as a deployment takes it along: values by component (or `*`) and name. */
export const configSchema = z.record(z.string(), z.record(z.string(), z.string()))
export type Config = z.infer<typeof configSchema>

/**
 * A manifest with what its workspace is configured with: a component's own value wins over the one for all, and both over
 * the manifest's `env`. Of components that the manifest has no more nothing is left.
 */
export function withConfig(manifest: Manifest, config: Config = {}): Manifest {
  if (Object.keys(config).length === 0) return manifest
  const components = manifest.components.map((component) => ({
    ...component,
    env: { ...component.env, ...config[ALL], ...config[component.name] },
  }))
  return { ...manifest, components }
}
