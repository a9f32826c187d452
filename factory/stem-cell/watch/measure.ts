import type { Engine } from '../../../engines/contract/engine.ts'
import type { Found } from '../../../engines/contract/watch.ts'
import type { SurveyedResource, Watch, WatchedWorkspace } from '../../contract/truth.ts'
import { guardRules } from '../guard-rules.ts'

/** A stranger's resource: nobody has said how much use it is expected to see, so none is assumed. */
const NOBODY = { requests: 0, egressMb: 0 }

/**
 * What each found resource takes, by the engine's rules on what the platform says of it: of ours as its workspace's
 * manifest expects, of others by itself. Where the rules cannot tell, `unknown` says why.
 */
export function measure(engine: Engine, watch: Watch, found: readonly Found[]): SurveyedResource[] {
  const ours = new Map(
    (watch.workspaces ?? []).flatMap((workspace) =>
      workspace.resources.map(({ urn, type, id }) => [`${type} ${id}`, { workspace, urn }] as const),
    ),
  )
  const plan = watch.cloudAccount.plan
  const bound = new Map<string, ReturnType<typeof guardRules>>()
  const rulesFor = (workspace: WatchedWorkspace) => {
    const known = bound.get(workspace.id) ?? guardRules(engine, workspace.manifest, { plan, region: workspace.region })
    bound.set(workspace.id, known)
    return known
  }
  return found.map((one) => {
    const owner = ours.get(`${one.type} ${one.id}`)
    const answer =
      owner === undefined
        ? engine.rules[one.type]?.demand(one.inputs, { plan, region: one.region, expect: NOBODY })
        : rulesFor(owner.workspace)[one.type]?.demand(one.inputs, owner.urn)
    if (answer === undefined) return { ...one, amounts: [], unknown: `no rule says what a ${one.type} takes` }
    return answer.ok ? { ...one, amounts: answer.demand.amounts } : { ...one, amounts: [], unknown: answer.message }
  })
}
