import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LocalWorkspace, Stack } from '@pulumi/pulumi/automation/index.js'
import { PipiError } from '../../catalog/errors.ts'
import type { Guard } from '../guard/guard.ts'
import { interceptorsOf } from '../guard/intercept.ts'
import type { GuardRefusal } from '../guard/options.ts'
import { openRelay } from '../guard/relay.ts'
import type { StackState } from '../state/read.ts'
import type { Values } from '../wire/values.ts'
import { CliFailed, type CliOptions, cliFor } from './cli.ts'
import { listenToEvents, type StackChange, type StackEvents } from './events.ts'
import { redact, secretsOfUrl } from './redact.ts'
import { serveTransform } from './transform.ts'

export type StackOperation = 'up' | 'preview' | 'destroy' | 'refresh'

/** An inline program; what it returns are the stack's outputs. */
export type Program = () => Promise<Record<string, unknown> | undefined>

export interface StackRun {
  operation: StackOperation
  project: string
  stack: string
  /** For destroy: only these, by URN; nothing that stays may need one of them. All when absent. */
  targets?: string[]
  /** The inline program; for destroy and refresh it is not run. */
  program: Program
  guard: Guard
  /** The state as it was read under this lease. */
  state: StackState
  /** gRPC address by provider name: where the relay forwards to. */
  upstreams: Readonly<Record<string, string>>
  /** Provider configuration, credentials included; joins behind the engine. */
  configuration: Values
  /** Path and version of the Pulumi CLI. */
  pulumi: { path: string; version: string }
  /** A folder of this clone: settings, PULUMI_HOME and temporary files live below it. */
  folder: string
  stateUrl: string
  secret: string
  signal: AbortSignal
  graceMs?: number
  onChange?(change: StackChange): void
}

/** What every CLI call on a stack needs, whatever it does. */
export type WorkspaceRun = Pick<
  StackRun,
  'project' | 'stack' | 'state' | 'pulumi' | 'folder' | 'stateUrl' | 'secret' | 'signal' | 'graceMs'
>

export interface StackResult {
  /** What the CLI said. Settle from the state, not from this. */
  ok: boolean
  changes: StackChange[]
  /** What went wrong, per resource where it is known. */
  failures: { urn?: string; message: string }[]
  refusals: GuardRefusal[]
}

/** Runs one operation on one stack, through the guard, in one spawn of the CLI (two for the first on a new stack). */
export async function runStack(run: StackRun): Promise<StackResult> {
  const importIds = new Map([...run.guard.options.adoptions].map(([urn, { id }]) => [urn, id]))
  const [relay, transform, workspace] = await Promise.all([
    openRelay(run.upstreams, interceptorsOf(run.guard, run.configuration), run.guard.options.grant.token),
    serveTransform({ project: run.project, stack: run.stack }, importIds),
    openWorkspace(run),
  ])
  const program = async () => {
    await transform.register()
    return run.program()
  }
  const events = listenToEvents(run.onChange)
  try {
    workspace.envVars = { PULUMI_DEBUG_PROVIDERS: relay.debugProviders }
    const stack = await (run.state.exists ? Stack.select(run.stack, workspace) : Stack.create(run.stack, workspace))
    await operate(run, stack, program, events)
    return result(true, run, events)
  } catch (error) {
    if (error instanceof CliFailed) return result(false, run, events, error)
    throw PipiError.from(error, 'provider.failed', 'nothing was deleted; look at the story of this deployment')
  } finally {
    relay.close()
    transform.close()
  }
}

async function operate(run: StackRun, stack: Stack, program: Program, events: StackEvents): Promise<void> {
  const options = { onEvent: events.onEvent, parallel: 16, suppressOutputs: true, suppressProgress: true }
  switch (run.operation) {
    case 'up':
      await stack.up({ ...options, program })
      return
    case 'preview':
      await stack.preview({ ...options, program })
      return
    case 'destroy':
      await stack.destroy({
        ...options,
        runProgram: false,
        ...(run.targets === undefined ? {} : { target: run.targets }),
      })
      return
    case 'refresh':
      await stack.refresh({ ...options, runProgram: false })
  }
}

/** Settings and environment of one stack's CLI, in folders of this clone. */
export async function openWorkspace(run: WorkspaceRun): Promise<LocalWorkspace> {
  const { work, home, temporary } = foldersOf(run)
  await Promise.all([work, home, temporary].map((path) => mkdir(path, { recursive: true })))
  // The CLI keeps a log of every run, up to 500 MB, with the state's password in it. Where a file stands it writes none.
  await writeFile(join(home, 'logs'), '', { flag: 'a' })
  return LocalWorkspace.create({
    workDir: work,
    pulumiHome: home,
    pulumiCommand: cliFor(optionsOf(run), run.pulumi.version),
    secretsProvider: 'passphrase',
    projectSettings: { name: run.project, runtime: 'nodejs', main: work },
    // Without its salt the CLI would make new keys for a stack that has secrets already.
    ...(run.state.salt === undefined ? {} : { stackSettings: { [run.stack]: { encryptionSalt: run.state.salt } } }),
  })
}

/** One CLI in an opened workspace, for what the Automation API does not do as we need it. */
export async function runCli(run: WorkspaceRun, args: string[]): Promise<void> {
  await cliFor(optionsOf(run), run.pulumi.version).run(args, foldersOf(run).work, {})
}

function optionsOf(run: WorkspaceRun): CliOptions {
  return {
    command: run.pulumi.path,
    environment: environmentOf(run),
    signal: run.signal,
    graceMs: run.graceMs ?? 60_000,
    secrets: secretsOf(run),
  }
}

function secretsOf(run: WorkspaceRun): string[] {
  return [...secretsOfUrl(run.stateUrl), run.secret]
}

function foldersOf(run: WorkspaceRun): { work: string; home: string; temporary: string } {
  return {
    work: join(run.folder, 'stacks', run.stack),
    home: join(run.folder, 'pulumi-home'),
    temporary: join(run.folder, 'tmp'),
  }
}

/** All that a CLI of ours sees: nothing of the clone's own environment, no secret of another stack. */
function environmentOf(run: WorkspaceRun): Record<string, string> {
  const { home, temporary } = foldersOf(run)
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: home,
    TMPDIR: temporary,
    LANG: 'C.UTF-8',
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: run.stateUrl,
    PULUMI_CONFIG_PASSPHRASE: run.secret,
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    // Else every second run loses three seconds looking for a plugin to download.
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
    PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: 'true',
    // A provider found on PATH would not stand behind the guard.
    PULUMI_IGNORE_AMBIENT_PLUGINS: 'true',
    // By this the processes of a dead clone are found and ended (recovery/reap.ts).
    PIPI_STACK: run.stack,
  }
}

function result(ok: boolean, run: StackRun, events: StackEvents, failed?: CliFailed): StackResult {
  const failures = [...events.failures]
  if (failed !== undefined && failures.length === 0) failures.push({ message: failed.message })
  for (const failure of failures) failure.message = redact(failure.message, secretsOf(run))
  return { ok, changes: events.changes, failures, refusals: run.guard.refusals }
}
