import type { EngineFacts } from '../../commander/engine-facts.ts'
import type { OpenedAccount } from '../cloud-accounts.ts'

type Access = Pick<EngineFacts, 'credentials' | 'way' | 'otherWays' | 'cloudAccount'>

/** What the commander may know of how an engine is let in: never a value. */
export function accessFacts(opened: OpenedAccount): Access {
  const { way, states, others } = opened.given
  return {
    credentials: states,
    ...(way === undefined ? {} : { way }),
    otherWays: others,
    cloudAccount: opened.ok
      ? {
          ok: true,
          id: opened.account.id,
          plan: opened.account.plan,
          ...(opened.planSetBy === undefined ? {} : { planSetBy: opened.planSetBy }),
        }
      : { ok: false, reason: opened.reason, hint: opened.hint },
  }
}

/** An engine as it is for who is not let in there. */
export function closed(facts: EngineFacts, reason: string, hint: string, access?: Access): EngineFacts {
  const { way: _way, ...rest } = facts
  return {
    ...rest,
    credentials: (facts.credentials ?? []).map(({ name, secret }) => ({ name, secret })),
    ...access,
    cloudAccount: { ok: false, reason, hint },
  }
}
