import { type Command, Option } from 'commander'
import { PipiError } from '../../../catalog/errors.ts'
import type { Action } from '../verb.ts'
import { showBill, showCalls, showInventory } from './show.ts'

interface CloudOption {
  cloud?: string
}

interface FaultOptions {
  engine?: string
  type?: string
  operation?: string
  kind?: string
  moment?: string
  ms?: string
  message?: string
  count?: string
}

interface VisitorOptions {
  requests?: string
  monthly?: string
  seed?: string
}

interface StrayOptions {
  cloud?: string
  type?: string
  region?: string
  owner?: string
  set?: string[]
}

interface StaleOptions {
  cloud?: string
  by?: string
}

interface DriftOptions {
  cloud?: string
  type?: string
  delete?: boolean
  set?: string[]
  stored?: string
}

/** The sub-verbs of `sandbox`. What they change, only simulated clouds ever see. */
export function declareSandbox(command: Command, action: Action): void {
  command
    .command('inventory')
    .description('what exists in the simulated clouds')
    .option('--cloud <code>', 'only this engine')
    .action(
      action<CloudOption>(async ({ options, terminal, platform }) => {
        const client = await platform()
        const inventory = await client.get('/v1/sandbox/inventory', { cloud: options.cloud })
        terminal.document(inventory)
        showInventory(terminal, inventory)
        return 0
      }),
    )
  command
    .command('bill')
    .description("the witness' bill: its own inventory, traffic and prices")
    .option('--cloud <code>', 'only this engine')
    .action(
      action<CloudOption>(async ({ options, terminal, platform }) => {
        const client = await platform()
        const bill = await client.get('/v1/sandbox/bill', { cloud: options.cloud })
        terminal.document(bill)
        showBill(terminal, bill)
        return 0
      }),
    )
  command
    .command('calls')
    .description('every call that reached a simulated provider, with its outcome')
    .option('--operation <name>', 'only this one, e.g. create')
    .action(
      action<{ operation?: string }>(async ({ options, terminal, platform }) => {
        const client = await platform()
        const calls = await client.get('/v1/sandbox/calls', { operation: options.operation, limit: '10000' })
        terminal.document(calls)
        showCalls(terminal, calls)
        return 0
      }),
    )
  command
    .command('clock')
    .description("the sandbox's clock; +10d, +36h, +90m set it forward")
    .argument('[forward]', 'how far')
    .action(sends(action, 'clock', (args) => (args[0] === undefined ? {} : { forward: args[0] })))
  command
    .command('fault')
    .description(
      'let a simulated cloud misbehave: fault --type PACKAGE:MODULE:TYPE --kind latency --moment after --ms 5000',
    )
    .option('--engine <code>', 'only this engine (default all)')
    .option('--type <token>', 'only this resource type (default all)')
    .addOption(
      new Option('--operation <name>', 'which call').choices([
        '*',
        'create',
        'read',
        'update',
        'delete',
        'invoke',
        'api',
      ]),
    )
    .addOption(
      new Option('--kind <kind>', 'what happens')
        .choices(['latency', 'error', 'hang', 'throttle', 'late'])
        .makeOptionMandatory(),
    )
    .addOption(new Option('--moment <moment>', 'before or after the effect').choices(['before', 'after']))
    .option('--ms <n>', 'milliseconds')
    .option('--message <text>', 'what the cloud says')
    .option('--count <n>', 'how many calls it strikes (default 1)')
    .action(
      sends(action, 'fault', (_, options: FaultOptions) => {
        const { engine, type, operation, kind, moment, message } = options
        return { engine, type, operation, kind, moment, message, ms: number(options.ms), count: number(options.count) }
      }),
    )
  command
    .command('drift')
    .description(
      "change, delete or fill something behind everybody's back: drift ID --delete, --set property=value, or --stored 3e10",
    )
    .argument('<id>', 'cloud id, from sandbox inventory')
    .option('--cloud <code>', 'the engine, where ids are doubled')
    .option('--type <token>', 'the resource type, where ids are doubled')
    .option('--delete', 'it is gone')
    .option('--set <property=value...>', 'an output has another value')
    .option('--stored <bytes>', 'so much lies in it besides what was really put there')
    .action(
      sends(action, 'drift', (args, options: DriftOptions) => ({
        id: args[0],
        engine: options.cloud,
        type: options.type,
        ...(options.delete
          ? { delete: true }
          : options.stored === undefined
            ? { set: Object.fromEntries((options.set ?? []).map(pair)) }
            : { stored: number(options.stored) }),
      })),
    )
  command
    .command('stray')
    .description(
      'make something that no deployment asked for: stray --cloud CODE --type PACKAGE:MODULE:TYPE --set size=small',
    )
    .requiredOption('--cloud <code>', 'the engine whose platform it is on')
    .requiredOption('--type <token>', 'its resource type')
    .option('--region <region>', 'where it stands')
    .option('--owner <workspace>', 'the id of a workspace whose tag it carries, as an orphan of ours does')
    .option('--set <property=value...>', 'inputs; a.b reaches inside, and JSON is read as JSON')
    .action(
      sends(action, 'stray', (_, options: StrayOptions) => ({
        engine: options.cloud,
        type: options.type,
        region: options.region,
        owner: options.owner,
        set: Object.fromEntries((options.set ?? []).map(pair)),
      })),
    )
  command
    .command('stale')
    .description(
      "let a simulated cloud's own figures of its use lag behind: stale --cloud CODE --by 6h (0s: not at all)",
    )
    .requiredOption('--cloud <code>', 'the engine whose platform it is')
    .requiredOption('--by <duration>', "how far, by the sandbox's clock")
    .action(sends(action, 'stale', (_, options: StaleOptions) => ({ cloud: options.cloud, by: options.by })))
  command
    .command('visitors')
    .description('seeded visitors: real requests to everything that is served, and a month of simulated traffic')
    .option('--requests <n>', 'real requests to each address, at most')
    .option('--monthly <n>', 'what a month brings to each address, at most, by figures alone')
    .option('--seed <text>', 'another seed, other visitors')
    .action(
      sends(action, 'visitors', (_, options: VisitorOptions) => ({
        requests: number(options.requests),
        monthly: number(options.monthly),
        seed: options.seed,
      })),
    )
}

function sends<O>(
  action: Action,
  noun: string,
  bodyOf: (args: string[], options: O) => Record<string, unknown>,
): (...given: unknown[]) => Promise<void> {
  return action<O>(async ({ args, options, terminal, platform }) => {
    const client = await platform()
    const answer = await client.post(`/v1/sandbox/${noun}`, bodyOf(args, options))
    terminal.document(answer ?? {})
    terminal.line(JSON.stringify(answer ?? {}, null, 2))
    return 0
  })
}

function number(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text)
}

function pair(text: string): [string, unknown] {
  const at = text.indexOf('=')
  const value = text.slice(at + 1)
  if (at < 1) return [text, true]
  return [text.slice(0, at), /^(-?\d+(\.\d+)?|true|false|null|[[{].*)$/s.test(value) ? json(value) : value]
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new PipiError('input.invalid', `expected JSON, got ${text}`, { cause })
  }
}
