import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Engine } from '../../engines/contract/engine.ts'
import { type RunningPlugin, startPlugin } from '../../stacks/toolchain/plugin.ts'
import { childEnvironment } from '../config.ts'
import type { Log } from '../log.ts'
import type { BirthMessage } from './birth-message.ts'

/** Where the engine's providers answer: simulated, or real plugins that are started once and kept warm. */
export async function openUpstreams(
  birth: BirthMessage,
  engine: Engine,
  log: Log,
): Promise<{ addresses: Record<string, string>; close(): Promise<void> }> {
  if (birth.upstreams !== undefined) return { addresses: birth.upstreams, close: async () => undefined }
  // A provider of ours is started by the stem cell itself.
  if (engine.dna.provider === 'in-process') return { addresses: {}, close: async () => undefined }
  const temporary = join(birth.folder, 'plugins')
  await mkdir(temporary, { recursive: true })
  const plugins: RunningPlugin[] = []
  const close = async () => {
    await Promise.all(plugins.map((plugin) => plugin.close()))
  }
  try {
    const addresses: Record<string, string> = {}
    for (const name of engine.dna.providers) {
      const plugin = await startPlugin({
        name,
        pulumiHome: birth.pulumiHome,
        environment: { ...childEnvironment(), HOME: temporary, TMPDIR: temporary, PULUMI_HOME: birth.pulumiHome },
        log: (line) => log('debug', `${name}: ${line}`),
      })
      plugins.push(plugin)
      addresses[name] = plugin.address
    }
    return { addresses, close }
  } catch (error) {
    await close()
    throw error
  }
}
