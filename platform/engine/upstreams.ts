import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Engine } from '../../engines/contract/engine.ts'
import type { Birth } from '../../factory/contract/stem-cell.ts'
import { startPlugin } from '../../stacks/toolchain/plugin.ts'
import { childEnvironment } from '../config.ts'
import type { Log } from '../log.ts'
import type { BirthMessage } from './birth-message.ts'
import { isLasting } from './lasting.ts'
import { openPool } from './plugin-pool.ts'
import { pluginVersion } from './plugin-version.ts'

/** Where the engine's providers answer: simulated, or real plugins that are kept warm, one for each configuration. */
export async function openUpstreams(
  birth: BirthMessage,
  engine: Engine,
  log: Log,
): Promise<{ addresses: Record<string, string>; upstreamsFor?: Birth['upstreamsFor']; close(): Promise<void> }> {
  if (birth.upstreams !== undefined) return { addresses: birth.upstreams, close: async () => undefined }
  // A provider of ours is started by the stem cell itself.
  if (engine.dna.provider === 'in-process') return { addresses: {}, close: async () => undefined }
  const temporary = join(birth.folder, 'plugins')
  await mkdir(temporary, { recursive: true })
  const pool = await openPool(() => startAll(birth, engine, temporary, log))
  return {
    addresses: {},
    async upstreamsFor(configuration) {
      const key = createHash('sha256').update(JSON.stringify(configuration)).digest('hex')
      const { one, release } = await pool.take(key, { lasting: isLasting(engine.dna, configuration) })
      return { addresses: one.addresses, release }
    },
    close: () => pool.close(),
  }
}

/** One process for each of the engine's plugins. */
async function startAll(birth: BirthMessage, engine: Engine, temporary: string, log: Log) {
  const started = await Promise.allSettled(
    engine.dna.providers.map(async (name) => {
      const version = await pluginVersion(engine, name)
      const plugin = await startPlugin({
        name,
        ...(version === undefined ? {} : { version }),
        pulumiHome: birth.pulumiHome,
        environment: { ...childEnvironment(), HOME: temporary, TMPDIR: temporary, PULUMI_HOME: birth.pulumiHome },
        log: (line) => log('debug', `${name}: ${line}`),
      })
      return [name, plugin] as const
    }),
  )
  const plugins = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const close = async () => {
    await Promise.all(plugins.map(([, plugin]) => plugin.close()))
  }
  const failed = started.find((one) => one.status === 'rejected')
  if (failed !== undefined) {
    await close()
    throw failed.reason
  }
  return { addresses: Object.fromEntries(plugins.map(([name, plugin]) => [name, plugin.address])), close }
}
