import { randomUUID } from 'node:crypto'
import { type Command, InvalidArgumentError } from 'commander'
import { PipiError } from '../../catalog/errors.ts'
import type { Client } from './client.ts'
import { exitCodeOf } from './exit-codes.ts'
import { howToGoOn, waitFor } from './progress/wait.ts'
import { showDeployment } from './show-deployment.ts'
import { chooseSource, type SourceOptions } from './source/choose-source.ts'
import { findTarget } from './source/find-manifest.ts'
import { packFolder } from './source/pack.ts'
import type { Terminal } from './terminal.ts'
import type { Action } from './verb.ts'
import { deploymentSchema, type ShownDeployment } from './wire.ts'

export interface WaitOptions {
  /** False with `--no-wait`. */
  wait?: boolean
  /** Seconds. */
  waitTimeout?: number
}

export interface OrderOptions extends SourceOptions, WaitOptions {
  engine?: string
  region?: string
  ttl?: string
  key?: string
  deleteData?: boolean
}

/** What `deploy` and `preview` share: from what a user names to a final state. */
export function declareOrder(command: Command, action: Action, kind: 'deploy' | 'preview'): void {
  command
    .argument('[target]', "a folder with a workspace.yaml, the file itself, or a workspace's name", '.')
    .option('--engine <code>', 'the platform to use, e.g. from ./pipi engines; or auto')
    .option('--region <region>', "one of the engine's free regions")
    .option('--ttl <duration>', "how long it is to be there, instead of the manifest's: 90m, 36h, 14d, 6w")
    .option('--git <url>', 'take the source from this git repository instead')
    .option('--ref <ref>', 'branch, tag or commit of the git source')
    .option('--path <path>', 'folder inside the git source')
    .option('--key <key>', 'idempotency key: the same key twice is one deployment')
  if (kind === 'deploy')
    command.option('--delete-data', "let what is replaced or no longer named lose users' data; else that is refused")
  declareWaiting(command)
  command.action(
    action<OrderOptions>(async ({ args, options, terminal, platform }) => {
      const client = await platform()
      const deployment = await order(client, kind, args[0] ?? '.', options, terminal)
      return await conclude(client, deployment, options, terminal)
    }),
  )
}

export function declareWaiting(command: Command): void {
  command
    .option('--no-wait', 'return as soon as it is accepted')
    .option('--wait-timeout <seconds>', 'stop waiting after so long; the work goes on', positiveNumber)
}

/** Sends the request, with the source where it is a folder. Nothing is accepted before all of it was judged. */
async function order(
  client: Client,
  kind: string,
  target: string,
  options: OrderOptions,
  terminal: Terminal,
): Promise<ShownDeployment> {
  const found = await findTarget(target)
  const key = options.key ?? randomUUID()
  const placement = {
    ...(options.engine && { engine: options.engine }),
    ...(options.region && { region: options.region }),
    ...(options.ttl && { ttl: options.ttl }),
    ...(options.deleteData && { deleteData: true }),
  }
  if (found.kind === 'workspace') {
    if (options.git !== undefined || options.ref !== undefined || options.path !== undefined) {
      throw new PipiError(
        'input.invalid',
        '--git, --ref and --path go with a manifest, not with the name of a workspace',
      )
    }
    return deploymentSchema.parse(
      await client.post('/v1/deployments', { kind, workspace: found.name, ...placement }, key),
    )
  }
  const source = await chooseSource(found, options)
  const body: Record<string, unknown> = { kind, manifest: found.text, file: found.file, ...placement }
  if (source.kind === 'git') body.source = { kind: 'git', url: source.url, ref: source.ref, path: source.path }
  if (source.kind === 'folder') body.source = { kind: 'upload', digest: await upload(client, source.folder, terminal) }
  return deploymentSchema.parse(await client.post('/v1/deployments', body, key))
}

async function upload(client: Client, folder: string, terminal: Terminal): Promise<string> {
  const packed = await packFolder(folder)
  for (const path of packed.leftOut)
    terminal.note(terminal.style('dim', `left out ${path} (links and .env files do not travel)`))
  await client.put(`/v1/uploads/${packed.digest}`, packed.bytes, 'application/gzip')
  terminal.note(terminal.style('dim', `sent ${packed.files} files, ${(packed.bytes.length / 1024).toFixed(0)} kB`))
  return packed.digest
}

/** Waits as asked, shows the end, and says it as an exit code. */
export async function conclude(
  client: Client,
  deployment: ShownDeployment,
  options: WaitOptions,
  terminal: Terminal,
): Promise<number> {
  if (options.wait === false) {
    terminal.document(deployment)
    showDeployment(terminal, deployment)
    terminal.note(howToGoOn(deployment.id))
    return 0
  }
  const waited = await waitFor(client, deployment, terminal, options.waitTimeout)
  if (!waited.ended) return waited.code
  terminal.document(waited.deployment)
  showDeployment(terminal, waited.deployment)
  return exitCodeOf(waited.deployment.status)
}

export function positiveNumber(text: string): number {
  const value = Number(text)
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('a number above 0 is wanted')
  return value
}
