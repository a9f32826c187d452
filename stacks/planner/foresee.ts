import { isDeepStrictEqual } from 'node:util'
import providerProto from '@pulumi/pulumi/proto/provider_pb.js'
import type { GuardRule } from '../contract/rule.ts'
import { openConnections } from '../guard/own-connections.ts'
import { preparedInputs } from '../guard/prepared-inputs.ts'
import { callProvider } from '../guard/relay.ts'
import type { StateResource } from '../state/read.ts'
import { nameOfUrn } from '../wire/urn.ts'
import { fromStruct, plain, toStruct, type Values } from '../wire/values.ts'
import { hashAssets } from './hash-assets.ts'
import { openedWith } from './opened-with.ts'
import { isPlainlySame } from './plainly-same.ts'
import type { PlannedResource } from './planned.ts'

/** What would become of a resource that exists. `deleteFirst`: why its double cannot stand beside it. */
export type Foreseen = { operation: 'same' } | { operation: 'update' } | { operation: 'replace'; deleteFirst?: string }

export interface Foresight {
  /**
   * Asks the provider itself, by its Check and Diff, what planned inputs would do to what exists. What plainly is the
   * same is not asked about. Throws what the provider throws.
   */
  of(planned: PlannedResource, held: StateResource): Promise<Foreseen>
  close(): void
}

export interface ForesightOptions {
  upstreams: Readonly<Record<string, string>>
  configuration: Values
  rules: Readonly<Record<string, GuardRule>>
  workspace: string
  suspended: boolean
  /** How long one question may take, milliseconds. A minute when absent. */
  patienceMs?: number
}

/** Connections of its own, made when something has changed. Close it afterwards. */
export function openForesight(options: ForesightOptions): Foresight {
  const patienceMs = options.patienceMs ?? 60_000
  const connections = openConnections({ ...options, patienceMs })
  return {
    async of(planned, held) {
      const rule = options.rules[planned.type]
      if (rule === undefined) return { operation: 'update' }
      const prepared = preparedInputs(planned.inputs, {
        rule,
        olds: held.inputs,
        workspace: options.workspace,
        urn: planned.urn,
        intent: () => 'planned',
        suspended: options.suspended,
      })
      if (isPlainlySame(prepared, held.inputs)) return { operation: 'same' }
      const news = (await hashAssets(prepared)) as Values
      const oldInputs = openedWith(held.inputs, news)
      const client = await connections.of(planned.type)
      const check = new providerProto.CheckRequest()
      check.setUrn(planned.urn).setType(planned.type).setName(nameOfUrn(planned.urn))
      check.setOlds(toStruct(oldInputs)).setNews(toStruct(news))
      const checked = await callProvider<providerProto.CheckResponse>(client, 'check', check, patienceMs)
      // The run itself will say what is wrong with them.
      if (checked.getFailuresList().length > 0) return { operation: 'update' }
      const diff = new providerProto.DiffRequest()
      diff
        .setUrn(planned.urn)
        .setType(planned.type)
        .setName(nameOfUrn(planned.urn))
        .setId(held.id ?? '')
      diff.setOlds(toStruct(openedWith(held.outputs, news))).setOldInputs(toStruct(oldInputs))
      diff.setNews(checked.getInputs())
      const answer = await callProvider<providerProto.DiffResponse>(client, 'diff', diff, patienceMs)
      if (answer.getReplacesList().length > 0) {
        const deleteFirst = whyDeleteFirst(answer.getDeletebeforereplace(), rule, held, fromStruct(checked.getInputs()))
        return { operation: 'replace', ...(deleteFirst === undefined ? {} : { deleteFirst }) }
      }
      return { operation: answer.getChanges() === providerProto.DiffResponse.DiffChanges.DIFF_NONE ? 'same' : 'update' }
    },
    close: () => connections.close(),
  }
}

/** Two that go by the same name at the platform cannot be told apart, after a crash least of all. */
function whyDeleteFirst(
  providerSays: boolean,
  rule: GuardRule,
  held: StateResource,
  checked: Values,
): string | undefined {
  if (providerSays) return 'the platform takes no second one under its name'
  const lookup = rule.lookup(plain(checked))
  if (isDeepStrictEqual(lookup, rule.lookup(plain(held.inputs)))) return 'both would go by the same name'
  if (Object.values(lookup).some((value) => value === undefined || value === null))
    return 'what it will be called is not known yet'
  return undefined
}
