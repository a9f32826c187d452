import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { manifestSchema } from '../../../../engines/contract/manifest.ts'
import { loadEngine } from '../../../../engines/scan.ts'
import { guardRules } from '../../../../factory/stem-cell/guard-rules.ts'
import type { GrantLine } from '../../../../stacks/contract/grant.ts'
import { runStack, type StackOperation, type StackResult } from '../../../../stacks/driver/run-stack.ts'
import { Guard } from '../../../../stacks/guard/guard.ts'
import type { Adoption } from '../../../../stacks/guard/options.ts'
import { planProgram } from '../../../../stacks/planner/plan-program.ts'
import { readState, type StackState } from '../../../../stacks/state/read.ts'
import { plain } from '../../../../stacks/wire/values.ts'
import { pulumiPath } from '../../../helpers/pulumi.ts'
import { tempFolder } from '../../../helpers/temp.ts'

export type HostProgram = () => Record<string, unknown>
export type HostResult = StackResult & {
  /** `update pages`, `create-replacement pages-release`…, without what stayed the same. */
  changed: string[]
  outputs: Record<string, unknown>
  /** All that was said of failures. */
  text: string
}

export interface HostStack {
  folder: string
  /** `mayLoseData`: the request names users' data. */
  run(
    operation: StackOperation,
    program?: HostProgram,
    adoptions?: Map<string, Adoption>,
    mayLoseData?: boolean,
  ): Promise<HostResult>
  state(): Promise<StackState>
}

const PROJECT = 'pipi-pip'
const STACK = 'wone'

/** A stack of own hosts as an engine runs it: planned, granted, guarded, with this engine's own rules. */
export async function hostStack(provider: string): Promise<HostStack> {
  const folder = await tempFolder('stack')
  const states = join(folder, 'state')
  await mkdir(states)
  const source = {
    table: 'unused',
    query: async (_: string, values: unknown[]) => {
      const data = await readFile(join(states, String(values[0])), 'utf8').catch(() => undefined)
      return { rows: data === undefined ? [] : [{ locked: false, data }] }
    },
  }
  const state = () => readState(source, PROJECT, STACK)
  const components = [{ name: 'any', kind: 'site' }]
  const manifest = manifestSchema.parse({ apiVersion: 'pipi/v1', name: 'demo', components })
  const rules = guardRules(await loadEngine('pip'), manifest, { plan: 'own-host', region: 'host' })
  const pulumi = { path: await pulumiPath(), version: '3.258.0' }

  return {
    folder,
    state,
    async run(operation, program = () => ({}), adoptions = new Map(), mayLoseData = false) {
      const held = await state()
      const whole = async () => program()
      const declares = operation === 'up' || operation === 'preview'
      const planned = declares ? await planProgram({ project: PROJECT, stack: STACK, program: whole }) : []
      const known = new Map(held.resources.flatMap(({ urn, id }) => (id === undefined ? [] : [[urn, new Set([id])]])))
      const lines: GrantLine[] = planned
        .filter(({ custom }) => custom)
        .map(({ urn, type, inputs }) => {
          const answer = rules[type]?.demand(plain(inputs), urn)
          return {
            urn,
            type,
            operation: known.has(urn) ? 'replace' : 'create',
            amounts: answer?.ok ? answer.demand.amounts : [],
          }
        })
      const wanted = new Set(planned.map(({ urn }) => urn))
      for (const { urn, type, custom } of held.resources) {
        if (custom && operation !== 'refresh' && !wanted.has(urn))
          lines.push({ urn, type, operation: 'delete', amounts: [] })
      }
      const guard = new Guard({
        grant: { deployment: 'd-1', workspace: 'w-1', token: 1, lines, mayLoseData },
        rules,
        intents: {
          begin: async ({ intent }) => intent ?? 'intent',
          end: async () => undefined,
          open: async () => [],
          reopen: async () => undefined,
        },
        known,
        adoptions,
        readOnly: operation === 'preview',
      })
      const result = await runStack({
        operation,
        project: PROJECT,
        stack: STACK,
        program: whole,
        guard,
        state: held,
        upstreams: { pip: provider },
        configuration: {},
        pulumi,
        folder,
        stateUrl: `file://${states}`,
        secret: 'a passphrase',
        signal: new AbortController().signal,
      })
      return {
        ...result,
        changed: result.changes.map((change) => `${change.operation} ${change.urn.split('::').at(-1)}`),
        outputs: (await state()).outputs,
        text: [...result.failures, ...result.refusals].map(({ message }) => message).join('\n'),
      }
    },
  }
}
