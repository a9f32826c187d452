import { setTimeout as delay } from 'node:timers/promises'
import { PipiError } from '../../../catalog/errors.ts'
import type { Birth } from '../../contract/stem-cell.ts'
import type { WatchKind } from '../../contract/truth.ts'
import { look } from './look.ts'

/** How long deployments of a new clone wait for what its account is to be said, milliseconds. */
const FIRST_CHECK_MS = 10_000

export interface Watcher {
  /** Before the first deployment: whether the account is what it claims, when that is due. Takes a bounded time. */
  first(): Promise<void>
  /** Takes a watch that is due, if any, and none is under way. Never throws, never waits for it. */
  wake(): void
  /** Leaves what is under way, and resolves when it has ended. */
  close(): Promise<void>
}

/**
 * Looks at the platform beside the deployments, one watch at a time: what was used, what exists, whether the account is
 * what it claims. A look that fails is reported and told; deployments never notice it.
 */
export function openWatcher(birth: Birth, upstreams: Readonly<Record<string, string>>): Watcher {
  const stopping = new AbortController()
  const { usage, survey, check } = birth.engine.watch
  const kinds = Object.entries({ check, usage, survey }).flatMap(([kind, module]) =>
    module === undefined ? [] : [kind as WatchKind],
  )
  let underWay: Promise<boolean> | undefined

  const start = (wanted: readonly WatchKind[]): Promise<boolean> => {
    underWay ??= once(birth, upstreams, wanted, stopping.signal).finally(() => {
      underWay = undefined
    })
    return underWay
  }

  const wake = (): void => {
    if (kinds.length === 0 || underWay !== undefined || stopping.signal.aborted) return
    void start(kinds).then((more) => {
      if (more) wake()
    })
  }

  return {
    wake,
    async first() {
      if (check === undefined) return
      const over = new AbortController()
      const signal = AbortSignal.any([over.signal, stopping.signal])
      await Promise.race([start(['check']), delay(FIRST_CHECK_MS, undefined, { signal }).catch(() => undefined)])
      over.abort()
    },
    async close() {
      stopping.abort()
      await underWay
    },
  }
}

/** One watch from its taking to its report. True when there was one: another may be due as well. */
async function once(
  birth: Birth,
  upstreams: Readonly<Record<string, string>>,
  kinds: readonly WatchKind[],
  stop: AbortSignal,
): Promise<boolean> {
  const { truth, clone, log } = birth
  try {
    const watch = await truth.takeWatch(clone, kinds)
    if (watch === null) return false
    const report = await look(birth, upstreams, watch, stop)
    const about = { watch: watch.kind, cloudAccount: watch.cloudAccount.id }
    if (!report.ok && stop.aborted) return false
    if (!report.ok) log('warn', `a look at the platform failed: ${report.message}`, { ...about, code: report.code })
    await truth.reportWatch(watch, report)
    return true
  } catch (error) {
    // Taken over by another clone, or the database is away: it is due again by itself.
    log('warn', `a watch was not reported: ${PipiError.from(error).message}`)
    return false
  }
}
