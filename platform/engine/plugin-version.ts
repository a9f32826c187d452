import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readBehaviour } from '../../engines/contract/behaviour.ts'
import type { Engine } from '../../engines/contract/engine.ts'
import { sdkVersion } from '../../stacks/toolchain/sdk-version.ts'

/**
 * The version of a plugin that an engine was written for and tried with: of the provider's installed SDK, else what its
 * `behaviour.yaml` states. Undefined: neither says, and the newest that is there has to do.
 */
export async function pluginVersion({ folder }: Pick<Engine, 'folder'>, name: string): Promise<string | undefined> {
  const sdk = sdkVersion(name)
  if (sdk !== undefined || !existsSync(join(folder, 'behaviour.yaml'))) return sdk
  return (await readBehaviour(folder)).plugins[name]
}
