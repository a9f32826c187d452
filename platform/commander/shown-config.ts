import type { Manifest } from '../../engines/contract/manifest.ts'
import type { ConfigValue } from '../store/config.ts'
import { ALL, type Config, withConfig } from '../store/with-config.ts'

/** One variable of a component as its next deployment has it, and where that comes from. */
export interface ShownConfig {
  component: string
  name: string
  /** Missing: it is there no more with the next deployment. */
  value?: string
  /** `component` and `workspace` were set for it, or for all of them; both win over the manifest. */
  from?: 'manifest' | 'workspace' | 'component'
  setAt?: string
  setBy?: string
  /** What it runs with now; missing: without it, or it does not run. */
  deployed?: string
}

/**
 * All variables of a workspace's components that are not secret, in order. What was set for a component that there is none
 * of (yet) is shown under its name.
 */
export function shownConfig(
  set: readonly ConfigValue[],
  manifest: Pick<Manifest, 'components'> | undefined,
  standing: { manifest: Manifest; config: Config } | undefined,
): ShownConfig[] {
  const running = new Map(
    (standing ? withConfig(standing.manifest, standing.config).components : []).map(({ name, env }) => [name, env]),
  )
  const components = new Map<string, Record<string, string>>(
    (manifest?.components ?? []).map((one) => [one.name, one.env]),
  )
  const others = set.filter(({ component }) => component !== ALL && !components.has(component))
  const own = [...components].flatMap(([component, env]) => {
    const deployed = running.get(component) ?? {}
    const mine = (name: string) => set.find((one) => one.component === component && one.name === name)
    const all = (name: string) => set.find((one) => one.component === ALL && one.name === name)
    const names = [
      ...Object.keys(env),
      ...Object.keys(deployed),
      ...set.filter((one) => one.component === component || one.component === ALL).map((one) => one.name),
    ]
    return [...new Set(names)].sort().map((name): ShownConfig => {
      const chosen = mine(name) ?? all(name)
      const value = chosen?.value ?? env[name]
      return {
        component,
        name,
        ...(value === undefined ? {} : { value, from: originOf(chosen) }),
        ...(chosen === undefined ? {} : { setAt: chosen.setAt, setBy: chosen.setBy }),
        ...(deployed[name] === undefined ? {} : { deployed: deployed[name] }),
      }
    })
  })
  const alone = components.size === 0 ? set : others
  return [...own, ...alone.map((one): ShownConfig => ({ ...one, from: originOf(one) }))]
}

function originOf(chosen: ConfigValue | undefined): NonNullable<ShownConfig['from']> {
  if (chosen === undefined) return 'manifest'
  return chosen.component === ALL ? 'workspace' : 'component'
}
