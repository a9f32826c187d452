import { PipiError } from '../../../catalog/errors.ts'
import type { AccountCheck } from '../../../engines/contract/watch.ts'
import { openWatchContext } from '../../../factory/stem-cell/watch/context.ts'
import type { DeployOptions } from './clone.ts'

const PATIENCE_MS = 120_000

/**
 * Asks the platform itself whether a real account is the one that was stated, on the plan that was stated and in order: what
 * is free there depends on it. `unconfirmed`: also where it does not say whose the credentials are; elsewhere what it says
 * holds all the same. Throws `account.mismatch`; changes nothing.
 */
export async function requireAccount(
  options: Omit<DeployOptions, 'db' | 'folder' | 'source'>,
  { unconfirmed = false }: { unconfirmed?: boolean } = {},
): Promise<void> {
  const wrong = wrongWith(options.account, await ask(options), unconfirmed)
  if (wrong.length === 0) return
  throw new PipiError('account.mismatch', wrong.join('; '), {
    hint: 'nothing was deployed; state account and plan as they are, or mend the credentials',
  })
}

function wrongWith(stated: { id: string; plan: string }, found: AccountCheck, unconfirmed: boolean): string[] {
  const { id, plan, findings } = found
  const account =
    id === undefined
      ? unconfirmed
        ? []
        : ['account: the platform does not say whose the credentials are; --unconfirmed-account deploys all the same']
      : id === stated.id
        ? []
        : [`account: stated is "${stated.id}", and the credentials are of "${id}"`]
  return [
    ...account,
    ...(plan === undefined || plan === stated.plan
      ? []
      : [`plan: stated is "${stated.plan}", and the platform says "${plan}"`]),
    ...findings.filter(({ ok, guard }) => !ok && guard !== true).map(({ what, why }) => `${what}: ${why}`),
  ]
}

async function ask(options: Omit<DeployOptions, 'db' | 'folder' | 'source'>): Promise<AccountCheck> {
  const { engine, credentials, platformApi, upstreams, account } = options
  if (engine.watch.check === undefined) return { findings: [] }
  const context = await openWatchContext({
    birth: { engine, credentials, platformApi },
    upstreams,
    cloudAccount: { ...account, engine: engine.dna.code, consentWatched: true },
    now: Date.now(),
    signal: AbortSignal.timeout(PATIENCE_MS),
  })
  try {
    return await engine.watch.check(context)
  } finally {
    context.close()
  }
}
