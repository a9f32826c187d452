import { type RunningPlugin, startPlugin } from '../../../stacks/toolchain/plugin.ts'
import type { WantedPlugin } from './wanted.ts'

export interface StartedPlugins {
  /** gRPC address by provider name. */
  addresses: Record<string, string>
  close(): Promise<void>
}

/** Starts the plugins of an engine, all or none. */
export async function startPlugins(
  wanted: readonly WantedPlugin[],
  pulumiHome: string,
  environment: Record<string, string>,
  say: (line: string) => void,
): Promise<StartedPlugins> {
  const running: RunningPlugin[] = []
  const close = async () => void (await Promise.all(running.map((plugin) => plugin.close())))
  try {
    const addresses: Record<string, string> = {}
    for (const { name, version } of wanted) {
      const plugin = await startPlugin({ name, version, pulumiHome, environment })
      running.push(plugin)
      addresses[name] = plugin.address
      say(`${name} ${version} runs: ${plugin.path}`)
    }
    return { addresses, close }
  } catch (error) {
    await close()
    throw error
  }
}
