import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { LocalWorkspace, type PulumiFn, type Stack } from '@pulumi/pulumi/automation/index.js'
import { tempFolder } from '../../helpers/temp.ts'
import { quickCli, resourcesIn } from './quick-cli.ts'

export interface AttachedStack {
  stack: Stack
  folder: string
  configure(config: Record<string, string>): Promise<void>
  /** Whether its state has nothing in it. */
  isEmpty(): Promise<boolean>
  remove(): Promise<void>
}

/** A stack of its own in a temporary folder, whose engine attaches to the given providers (`name:port,…`). */
export async function attachedStack(
  attach: Record<string, string>,
  program: PulumiFn,
  config: Record<string, string> = {},
): Promise<AttachedStack> {
  const folder = await tempFolder('stack')
  const below = async (name: string): Promise<string> => {
    await mkdir(join(folder, name))
    return join(folder, name)
  }
  const providers = Object.entries(attach).map(([name, address]) => `${name}:${address.split(':').at(-1)}`)
  const state = await below('state')
  const stack = await LocalWorkspace.createStack(
    { projectName: 'wire', stackName: 'test', program },
    {
      pulumiCommand: await quickCli(state),
      workDir: await below('work'),
      pulumiHome: await below('home'),
      projectSettings: { name: 'wire', runtime: 'nodejs', backend: { url: `file://${state}` } },
      envVars: {
        PULUMI_CONFIG_PASSPHRASE: 'a passphrase',
        PULUMI_DEBUG_PROVIDERS: providers.join(','),
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
        PULUMI_SKIP_UPDATE_CHECK: 'true',
        TMPDIR: await below('tmp'),
      },
    },
  )
  const configure = async (given: Record<string, string>): Promise<void> => {
    if (Object.keys(given).length === 0) return
    const settings = await stack.workspace.stackSettings('test')
    await stack.workspace.saveStackSettings('test', { ...settings, config: { ...settings.config, ...given } })
  }
  await configure(config)
  return {
    stack,
    folder,
    configure,
    isEmpty: async () => (await resourcesIn(state)).length === 0,
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
