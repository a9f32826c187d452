import { randomBytes } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as pulumi from '@pulumi/pulumi'
import type { Grant, GrantLine } from '../../../stacks/contract/grant.ts'
import type { Intent, IntentLog, Outcome } from '../../../stacks/contract/intents.ts'
import type { GuardRule, GuardRules } from '../../../stacks/contract/rule.ts'
import { repairStack } from '../../../stacks/driver/repair-stack.ts'
import {
  type Program,
  runStack,
  type StackOperation,
  type StackResult,
  type WorkspaceRun,
} from '../../../stacks/driver/run-stack.ts'
import { Guard } from '../../../stacks/guard/guard.ts'
import type { Adoption } from '../../../stacks/guard/options.ts'
import { openForesight } from '../../../stacks/planner/foresee.ts'
import { planProgram } from '../../../stacks/planner/plan-program.ts'
import { serveProvider } from '../../../stacks/provider/serve.ts'
import { readState, type StackState } from '../../../stacks/state/read.ts'
import { plain } from '../../../stacks/wire/values.ts'
import { pulumiPath } from '../../helpers/pulumi.ts'
import { type MemoryCloud, memoryCloud } from '../provider/memory-cloud.ts'

export const THING = 'cloudy:index/thing:Thing'

/** A resource of the made-up cloud. */
export class Thing extends pulumi.CustomResource {
  declare readonly address: pulumi.Output<string>
  constructor(name: string, inputs: Record<string, unknown>, options?: pulumi.CustomResourceOptions) {
    super(THING, name, { address: undefined, ...inputs }, options)
  }
}

export interface GuardedStack {
  cloud: MemoryCloud
  /** Intents and outcomes, in order: `begin create a`, `end done thing-1`. */
  journal: string[]
  folder: string
  /** A name of its own: who repairs a stack ends every process on this host that carries its name. */
  name: string
  run(operation: StackOperation, program: Program, options?: RunOptions): Promise<StackResult & { calls: string[] }>
  state(): Promise<StackState>
  /** What a new holder does to a stack that a dead one left. */
  repair(): Promise<void>
  close(): Promise<void>
}

export interface RunOptions {
  /** Another program for the run than for the plan: one that changed in between. */
  planned?: Program
  adoptions?: Map<string, Adoption>
  mayLoseData?: boolean
  intents?: Partial<IntentLog>
  suspended?: boolean
  /** Called between the plan and the run. */
  onPlanned?: () => void
  /** Whether old and new of a replacement fit beside each other; true when absent. */
  roomForTwo?: boolean
  /** Ids by URN of what the state holds and is not there. */
  gone?: Map<string, string>
  /** Null: the rules know no such type. */
  rule?: Partial<GuardRule> | null
}

/** One thing takes one of `c.things`; "huge" ones are refused; a missing size is filled in. */
const RULE: GuardRule = {
  safe: (inputs) => ({ size: 'tiny', ...inputs }),
  suspended: (inputs) => ({ ...inputs, count: 0 }),
  demand: (inputs) =>
    inputs.size === 'huge'
      ? { ok: false, code: 'lock.unsafe-input', message: 'size "huge" is not free', hint: 'use "tiny"' }
      : {
          ok: true,
          demand: {
            amounts: [
              { meter: 'c.things', scope: '', amount: Number(inputs.count ?? 1), bound: 'proven', because: 'count' },
            ],
          },
        },
  tagProperty: 'tags',
  lookup: (inputs) => ({ name: inputs.name }),
  find: async () => undefined,
  stateful: false,
  deadlineMs: 5000,
}

/** A stack with the real engine, the real guard and a cloud in memory, planned and run as an engine does it. */
export async function guardedStack(folder: string): Promise<GuardedStack> {
  const cloud = memoryCloud('cloudy')
  const name = `w${randomBytes(4).toString('hex')}`
  const served = await serveProvider(cloud)
  const states = join(folder, 'state')
  await mkdir(states, { recursive: true })
  const source = {
    table: 'unused',
    query: async (_text: string, values: unknown[]) => {
      const file = join(states, String(values[0]))
      const data = await readFile(file, 'utf8').catch(() => undefined)
      return { rows: data === undefined ? [] : [{ locked: false, data }] }
    },
  }
  const journal: string[] = []
  const log = (more: Partial<IntentLog> = {}): IntentLog => ({
    begin: async (intent: Intent) => {
      journal.push(`begin ${intent.operation} ${intent.urn.split('::').at(-1)}`)
      return intent.intent ?? 'intent'
    },
    end: async (_intent: string, outcome: Outcome) => {
      journal.push(`end ${outcome.kind} ${'id' in outcome ? outcome.id : ''}`.trim())
    },
    open: async () => [],
    reopen: async () => undefined,
    ...more,
  })
  const state = () => readState(source, 'proj', name)
  const workspace = async (held: StackState): Promise<WorkspaceRun> => ({
    project: 'proj',
    stack: name,
    state: held,
    pulumi: { path: await pulumiPath(), version: '3.258.0' },
    folder,
    stateUrl: `file://${states}`,
    secret: 'a passphrase',
    signal: new AbortController().signal,
  })
  return {
    cloud,
    journal,
    folder,
    name,
    state,
    repair: async () => void (await repairStack(await workspace(await state()))),
    close: () => served.close(),
    async run(operation, program, options = {}) {
      const held = await state()
      const rules: GuardRules = options.rule === null ? {} : { [THING]: { ...RULE, ...options.rule } }
      const plan =
        operation === 'destroy' || operation === 'refresh'
          ? []
          : await planProgram({ project: 'proj', stack: name, program: options.planned ?? program })
      const known = new Map(
        held.resources.flatMap((r) => (r.id === undefined ? [] : [[r.urn, new Set([r.id])] as const])),
      )
      const upstreams = { cloudy: served.address }
      const configuration = { account: 'acct', token: 'canary-credential' }
      const suspended = options.suspended ?? false
      const foresight = openForesight({ upstreams, configuration, rules, workspace: name, suspended })
      const lines = await Promise.all(
        plan
          .filter((p) => p.custom)
          .map(async (p): Promise<GrantLine> => {
            const answer = rules[THING]?.demand(plain(p.inputs), p.urn)
            const { urn, type } = p
            const amounts = answer?.ok ? answer.demand.amounts : []
            const existing = held.resources.find((r) => r.urn === urn && !r.pendingDelete && !r.pendingReplacement)
            if (existing === undefined) return { urn, type, operation: 'create', amounts }
            const foreseen = await foresight.of(p, existing)
            if (foreseen.operation !== 'replace') return { urn, type, operation: 'update', amounts }
            const sideBySide = foreseen.deleteFirst === undefined && (options.roomForTwo ?? true)
            return { urn, type, operation: 'replace', amounts, sideBySide }
          }),
      ).finally(() => foresight.close())
      for (const r of held.resources) {
        if (r.custom && operation !== 'refresh' && !plan.some((p) => p.urn === r.urn))
          lines.push({ urn: r.urn, type: r.type, operation: 'delete', amounts: [] })
      }
      const grant: Grant = {
        deployment: 'done',
        workspace: name,
        token: 1,
        lines,
        mayLoseData: options.mayLoseData ?? false,
        suspended,
      }
      const guard = new Guard({
        grant,
        rules,
        intents: log(options.intents),
        known,
        adoptions: options.adoptions ?? new Map(),
        condemned: new Map(
          held.resources.flatMap((r) =>
            r.pendingDelete && r.id !== undefined ? [[r.urn, new Set([r.id])] as const] : [],
          ),
        ),
        ...(options.gone === undefined ? {} : { gone: options.gone }),
        readOnly: operation === 'preview' || operation === 'refresh',
      })
      options.onPlanned?.()
      const before = cloud.calls.length
      const result = await runStack({
        operation,
        ...(await workspace(held)),
        program,
        guard,
        upstreams,
        configuration,
      })
      return { ...result, calls: cloud.calls.slice(before) }
    },
  }
}
