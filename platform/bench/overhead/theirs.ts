import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { LocalWorkspace, PulumiCommand, type Stack } from '@pulumi/pulumi/automation/index.js'
import { declareThings } from './things.ts'

export interface TheirStand {
  /** Root of the Pulumi CLI: it is `<root>/bin/pulumi`. */
  pulumi: string
  stateUrl: string
  /** `bench:port`. */
  debugProviders: string
  folder: string
  stack: string
}

/** One deployment as the Automation API's documentation shows it: create or select the stack, then `up`. */
export async function deployTheirs(stand: TheirStand, command?: PulumiCommand): Promise<Stack> {
  const stack = await openTheirs(stand, command)
  await stack.up({ onOutput: () => undefined })
  return stack
}

/** The CLI as the Automation API finds it: asks its version once. */
export function commandOf(stand: TheirStand): Promise<PulumiCommand> {
  return PulumiCommand.get({ root: stand.pulumi, skipVersionCheck: true })
}

export async function openTheirs(stand: TheirStand, command?: PulumiCommand): Promise<Stack> {
  const work = join(stand.folder, stand.stack)
  await mkdir(work, { recursive: true })
  return LocalWorkspace.createOrSelectStack(
    { stackName: stand.stack, projectName: 'theirs', program: async () => declareThings(stand.stack, 'digest') },
    {
      workDir: work,
      pulumiCommand: command ?? (await commandOf(stand)),
      pulumiHome: join(stand.folder, 'pulumi-home'),
      projectSettings: { name: 'theirs', runtime: 'nodejs', backend: { url: stand.stateUrl } },
      secretsProvider: 'passphrase',
      envVars: {
        PATH: `${stand.pulumi}/bin:/usr/local/bin:/usr/bin:/bin`,
        PULUMI_BACKEND_URL: stand.stateUrl,
        PULUMI_CONFIG_PASSPHRASE: 'a passphrase',
        PULUMI_DEBUG_PROVIDERS: stand.debugProviders,
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
        PULUMI_SKIP_UPDATE_CHECK: 'true',
        PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: 'true',
      },
    },
  )
}
