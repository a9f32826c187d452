import { setTimeout as delay } from 'node:timers/promises'
import { PipiError } from '../../../catalog/errors.ts'
import type { WatchContext } from '../../../engines/contract/watch.ts'
import type { Birth } from '../../contract/stem-cell.ts'
import type { Watch, WatchReport } from '../../contract/truth.ts'
import { openWatchContext } from './context.ts'
import { measure } from './measure.ts'

/** One look at a platform may take so long, milliseconds; the watch is another clone's a little later. */
export const LONGEST_LOOK_MS = 120_000

/**
 * Makes one watch with the engine's own module. Never throws: what went wrong is the report. A module that does not hear
 * its signal is left behind at the deadline.
 */
export async function look(
  birth: Birth,
  upstreams: Readonly<Record<string, string>>,
  watch: Watch,
  stop: AbortSignal,
): Promise<WatchReport> {
  const over = new AbortController()
  const signal = AbortSignal.any([stop, over.signal, AbortSignal.timeout(LONGEST_LOOK_MS)])
  try {
    const context = await openWatchContext({
      birth,
      ...(watch.credentials === undefined ? {} : { credentials: watch.credentials }),
      upstreams,
      cloudAccount: watch.cloudAccount,
      now: watch.now,
      ...(watch.gone === undefined ? {} : { gone: watch.gone }),
      signal,
    })
    try {
      return await Promise.race([seen(birth, watch, context), late(signal)])
    } finally {
      context.close()
    }
  } catch (error) {
    const { code, message, hint } = PipiError.from(error, 'provider.failed')
    return { ok: false, code, message, ...(hint === undefined ? {} : { hint }) }
  } finally {
    over.abort()
  }
}

async function seen({ engine }: Birth, watch: Watch, context: WatchContext): Promise<WatchReport> {
  const { usage, survey, check, surveyed } = engine.watch
  if (watch.kind === 'usage' && usage) return { ok: true, kind: 'usage', usage: await usage(context) }
  if (watch.kind === 'check' && check) return { ok: true, kind: 'check', check: await check(context) }
  if (watch.kind === 'survey' && survey) {
    const [found, types] = await Promise.all([survey(context), surveyed?.() ?? []])
    return { ok: true, kind: 'survey', found: measure(engine, watch, found), types }
  }
  throw new PipiError('platform.internal', `${engine.dna.code} has nothing to look at ${watch.kind} with`)
}

async function late(signal: AbortSignal): Promise<never> {
  await delay(2 * LONGEST_LOOK_MS, undefined, { signal, ref: false }).catch(() => undefined)
  throw new PipiError(
    'deadline.passed',
    `the platform was looked at for longer than ${LONGEST_LOOK_MS / 1000} s, or the clone has to go`,
  )
}
