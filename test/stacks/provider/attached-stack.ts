import { mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LocalWorkspace, PulumiCommand, type PulumiFn, type Stack } from '@pulumi/pulumi/automation/index.js'
import { pulumiPath } from '../../helpers/pulumi.ts'
import { tempFolder } from '../../helpers/temp.ts'

export interface AttachedStack {
  stack: Stack
  folder: string
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
  const stack = await LocalWorkspace.createStack(
    { projectName: 'wire', stackName: 'test', program },
    {
      pulumiCommand: await PulumiCommand.get({ root: dirname(dirname(await pulumiPath())) }),
      workDir: await below('work'),
      pulumiHome: await below('home'),
      projectSettings: { name: 'wire', runtime: 'nodejs', backend: { url: `file://${await below('state')}` } },
      envVars: {
        PULUMI_CONFIG_PASSPHRASE: 'a passphrase',
        PULUMI_DEBUG_PROVIDERS: providers.join(','),
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
        PULUMI_SKIP_UPDATE_CHECK: 'true',
        TMPDIR: await below('tmp'),
      },
    },
  )
  await stack.setAllConfig(Object.fromEntries(Object.entries(config).map(([key, value]) => [key, { value }])))
  return { stack, folder, remove: () => rm(folder, { recursive: true, force: true }) }
}
