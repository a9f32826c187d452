import type { BehaviourTable } from '../../../engines/contract/behaviour.ts'
import type { Engine } from '../../../engines/contract/engine.ts'
import { sdkVersion } from '../../../stacks/toolchain/sdk-version.ts'

export interface WantedPlugin {
  name: string
  version: string
  /** Where the version is from. */
  from: string
}

/** The official plugins of an engine: each in the version of its installed SDK, else in the one its table was written for. */
export function wantedPlugins({ dna }: Engine, table: BehaviourTable): WantedPlugin[] {
  return dna.providers.map((name) => {
    const sdk = sdkVersion(name)
    if (sdk !== undefined) return { name, version: sdk, from: `@pulumi/${name}` }
    const version = table.plugins[name]
    if (version !== undefined) return { name, version, from: `engines/${dna.code}/behaviour.yaml` }
    throw new Error(`neither an SDK of "${name}" nor engines/${dna.code}/behaviour.yaml says which plugin it is`)
  })
}
