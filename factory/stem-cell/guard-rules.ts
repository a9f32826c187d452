import type { DemandContext, Engine } from '../../engines/contract/engine.ts'
import { healthRequests, type Manifest } from '../../engines/contract/manifest.ts'
import { parseSchedule, runsAMonth } from '../../engines/parts/schedule/cron.ts'
import type { GuardRules } from '../../stacks/contract/rule.ts'
import { nameOfUrn } from '../../stacks/wire/urn.ts'

/** Who is billed, where, and whether facts past their date may be used. */
type AccountContext = Pick<DemandContext, 'plan' | 'region' | 'allowStale'>

const FALLBACK_DEADLINE_MS = 600_000

/** An engine's rules, bound to who is billed, where, and how much use each component expects. */
export function guardRules(
  engine: Engine,
  manifest: Manifest,
  account: AccountContext,
  deadlineCapMs = Number.POSITIVE_INFINITY,
): GuardRules {
  const { deadlinesMs } = engine.dna
  return Object.fromEntries(
    Object.entries(engine.rules).map(([type, rule]) => [
      type,
      {
        safe: (inputs) => rule.safe?.(inputs) ?? inputs,
        suspended: (inputs) => rule.suspended?.(inputs) ?? inputs,
        demand: (inputs, urn) => rule.demand(inputs, contextFor(manifest, urn, account)),
        tagProperty: rule.tagProperty,
        lookup: (inputs) => rule.lookup(inputs),
        find: (lookup, platform, owner) => rule.find(lookup, platform, owner),
        stateful: rule.stateful,
        ...(rule.disposable === undefined ? {} : { disposable: rule.disposable }),
        deadlineMs: Math.min(deadlinesMs[type] ?? deadlinesMs.default ?? FALLBACK_DEADLINE_MS, deadlineCapMs),
      },
    ]),
  )
}

/**
 * Resources are named after their component: `<component>` or `<component>-<part>`; the longest name that fits wins.
 * What several components share is named with a "_" in front, which no component's name has, and expects all their use.
 */
function contextFor(manifest: Manifest, urn: string, account: AccountContext): DemandContext {
  const name = nameOfUrn(urn)
  if (name.startsWith('_')) {
    const looks = manifest.components.reduce((all, each) => all + healthRequests(each, manifest.upkeep.health), 0)
    const sum = (of: 'requests' | 'egressMb') => manifest.components.reduce((all, each) => all + each.expect[of], 0)
    return { ...account, expect: { requests: sum('requests') + looks, egressMb: sum('egressMb') } }
  }
  const component = manifest.components
    .filter((each) => name === each.name || name.startsWith(`${each.name}-`))
    .sort((a, b) => b.name.length - a.name.length)[0]
  const expect = component?.expect ?? { requests: 20_000, egressMb: 200 }
  // Nobody asks a job: it runs when its schedule says so.
  const requests = component?.kind === 'job' ? runsAMonth(parseSchedule(component.schedule)) : expect.requests
  // Our own looks are visitors like any other.
  const looks = component === undefined ? 0 : healthRequests(component, manifest.upkeep.health)
  return { ...account, expect: { requests: requests + looks, egressMb: expect.egressMb } }
}
