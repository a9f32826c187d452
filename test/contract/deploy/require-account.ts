import { PipiError } from '../../../catalog/errors.ts'
import { openWatchContext } from '../../../factory/stem-cell/watch/context.ts'
import type { DeployOptions } from './clone.ts'

const PATIENCE_MS = 120_000

/**
 * Asks the platform itself whether a real account is what it was said to be, as the platform does before it is used: what
 * is free there depends on it. Throws `account.mismatch`; changes nothing.
 */
export async function requireAccount(options: Omit<DeployOptions, 'db' | 'folder' | 'source'>): Promise<void> {
  const { engine, credentials, platformApi, upstreams, account } = options
  if (engine.watch.check === undefined) return
  const context = await openWatchContext({
    birth: { engine, credentials, platformApi },
    upstreams,
    cloudAccount: { ...account, engine: engine.dna.code, consentWatched: true },
    now: Date.now(),
    signal: AbortSignal.timeout(PATIENCE_MS),
  })
  try {
    const { findings } = await engine.watch.check(context)
    const wrong = findings.filter(({ ok, guard }) => !ok && guard !== true)
    if (wrong.length === 0) return
    throw new PipiError('account.mismatch', wrong.map(({ what, why }) => `${what}: ${why}`).join('; '), {
      hint: 'nothing was deployed; state account and plan as they are, or mend the credentials',
    })
  } finally {
    context.close()
  }
}
