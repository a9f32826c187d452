import { cp, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  LocalWorkspace,
  type LocalWorkspaceOptions,
  type PulumiFn,
  type Stack,
} from '@pulumi/pulumi/automation/index.js'
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

/** An empty stack, made once in each test file: a copy of it is as good as one that another CLI makes. */
let empty: Promise<string> | undefined

/** A stack of its own in a temporary folder, whose engine attaches to the given providers (`name:port,…`). */
export async function attachedStack(
  attach: Record<string, string>,
  program: PulumiFn,
  config: Record<string, string> = {},
): Promise<AttachedStack> {
  const folder = await tempFolder('stack')
  empty ??= makeEmpty()
  await cp(await empty, folder, { recursive: true })
  const providers = Object.entries(attach).map(([name, address]) => `${name}:${address.split(':').at(-1)}`)
  const stack = await LocalWorkspace.selectStack(
    { projectName: 'wire', stackName: 'test', program },
    await optionsIn(folder, { PULUMI_DEBUG_PROVIDERS: providers.join(',') }),
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
    isEmpty: async () => (await resourcesIn(stateIn(folder))).length === 0,
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

async function makeEmpty(): Promise<string> {
  const folder = await tempFolder('empty-stack')
  for (const name of ['state', 'work', 'home', 'tmp']) await mkdir(join(folder, name))
  const program = async (): Promise<void> => undefined
  await LocalWorkspace.createStack({ projectName: 'wire', stackName: 'test', program }, await optionsIn(folder))
  return folder
}

async function optionsIn(folder: string, more: Record<string, string> = {}): Promise<LocalWorkspaceOptions> {
  const state = stateIn(folder)
  return {
    pulumiCommand: await quickCli(state),
    workDir: join(folder, 'work'),
    pulumiHome: join(folder, 'home'),
    projectSettings: { name: 'wire', runtime: 'nodejs', backend: { url: `file://${state}` } },
    envVars: {
      PULUMI_CONFIG_PASSPHRASE: 'a passphrase',
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
      PULUMI_SKIP_UPDATE_CHECK: 'true',
      TMPDIR: join(folder, 'tmp'),
      ...more,
    },
  }
}

function stateIn(folder: string): string {
  return join(folder, 'state')
}
